"""The directory over HTTP."""

from flask.views import MethodView

from userapi.directory.errors import SearchBusy
from userapi.directory.records import USER_SORTS, DirectoryQuery
from userapi.directory.schemas import UserQuerySchema
from userapi.directory.service import DirectoryService
from userapi.kit.errors import NotAllowed
from userapi.kit.pagination import Page
from userapi.kit.principal import Principal
from userapi.users.records import UserRecord
from userapi.users.schemas import UserSchema
from userapi.web.blueprint import Blueprint
from userapi.web.operation import Link
from userapi.web.services import Provided

blp = Blueprint("directory", description="The directory of users.")


@blp.route("/users", tags=["users"])
class UserCollection(MethodView):
    """All users."""

    service = Provided(DirectoryService)

    @blp.auth()
    @blp.arguments(UserQuerySchema, location="query")
    @blp.page(UserSchema, USER_SORTS)
    @blp.raises(NotAllowed, SearchBusy)
    @blp.links(Link("get_user", {"user_id": "$response.body#/users/0/id"}))
    @blp.doc(operationId="list_users")
    def get(self, principal: Principal, query: DirectoryQuery) -> Page[UserRecord]:
        """List users.

        The newest come first unless `sort` says otherwise. All criteria that are given must hold.
        A page past the end is an empty list. Deactivated users are listed only with
        `active_only=false` or `is_active=false`; closed accounts only with `deleted=true`, which
        is for admins, and then nobody else. A service may be configured to keep the directory to
        admins.

        `q` finds part of a name or an address. Whoever has that very address comes first.
        """
        return self.service.list(principal, query)
