"""Health over HTTP."""

from flask.views import MethodView

from userapi.health.errors import NotReady, ServiceStopping
from userapi.health.schemas import HealthSchema
from userapi.health.service import HealthService
from userapi.rate_limits.decorator import unlimited
from userapi.tokens.errors import SigningKeysRefused
from userapi.web.blueprint import Blueprint
from userapi.web.services import Provided

blp = Blueprint("health", url_prefix="/health", description="Health checks.")

_HEALTHY = {"status": "ok"}


@blp.route("/live")
class Liveness(MethodView):
    """Whether the process answers."""

    @unlimited
    @blp.response(200, HealthSchema)
    @blp.touches_nothing
    @blp.doc(operationId="get_liveness")
    def get(self) -> dict[str, str]:
        """Ask whether the process answers.

        Nothing else is checked: a database that is down is no reason to restart.
        """
        return _HEALTHY


@blp.route("/ready")
class Readiness(MethodView):
    """Whether requests should be sent here."""

    service = Provided(HealthService)

    @unlimited
    @blp.response(200, HealthSchema)
    @blp.raises(NotReady, ServiceStopping, SigningKeysRefused)
    @blp.doc(operationId="get_readiness")
    def get(self) -> dict[str, str]:
        """Ask whether requests should be sent here.

        The database must answer, its schema must not be behind this version, and the stored signing
        keys must all be of this service. While the service is being stopped the answer is 503, too.
        """
        self.service.ensure_ready()
        return _HEALTHY
