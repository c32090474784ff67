"""Health over HTTP."""

from flask.views import MethodView

from userapi.health.errors import NotReady, ServiceStopping
from userapi.health.schemas import HealthSchema, ReadinessSchema
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
    @blp.response(200, ReadinessSchema)
    @blp.for_operators
    @blp.raises(NotReady, ServiceStopping, SigningKeysRefused)
    @blp.doc(operationId="get_readiness")
    def get(self) -> dict[str, object]:
        """Ask whether requests should be sent here.

        The database must answer and take writes, its schema must be one that this version can
        work with, and the stored signing keys must all be of this service. Whether rate limits can
        be counted, and how many mails wait, is told as well; the service is ready all the same.
        While it is being stopped the answer is 503.
        """
        return {**_HEALTHY, "checks": self.service.checks()}
