"""The figures over HTTP."""

from flask.views import MethodView

from userapi.kit.principal import Principal
from userapi.stats.policy import READING_STATS
from userapi.stats.records import Stats, StatsQuery
from userapi.stats.schemas import StatsQuerySchema, StatsSchema
from userapi.stats.service import StatsService
from userapi.web.blueprint import Blueprint
from userapi.web.services import Provided

blp = Blueprint("stats", description="How many users and sessions there are.")


@blp.route("/admin/stats")
class StatsItem(MethodView):
    """The figures."""

    service = Provided(StatsService)

    @blp.auth(rule=READING_STATS)
    @blp.arguments(StatsQuerySchema, location="query")
    @blp.response(200, StatsSchema)
    @blp.doc(operationId="get_stats")
    def get(self, principal: Principal, query: StatsQuery) -> Stats:
        """Read how many users and sessions there are.

        For admins. They are counted every few minutes at most: `as_of` tells when. Days are
        those of UTC; those without anything are there with zeros. What was counted of a day that
        is over stays, whatever is deleted later.
        """
        return self.service.get(principal, query)
