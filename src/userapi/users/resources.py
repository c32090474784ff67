"""The profiles over HTTP."""

from flask.views import MethodView

from userapi.kit.errors import NotAllowed
from userapi.kit.principal import Principal
from userapi.kit.versions import Versions
from userapi.users.errors import LastAdmin, UserNotFound
from userapi.users.policy import DELETING, EDITING, SETTING_ROLES
from userapi.users.records import UserRecord
from userapi.users.schemas import (
    USER_LINKS,
    RoleChangeSchema,
    UserSchema,
    UserUpdateSchema,
)
from userapi.users.service import RoleChange, UserChanges, UserService
from userapi.web.blueprint import Blueprint
from userapi.web.services import Provided

blp = Blueprint("users", description="The directory of users, and their profiles.")


@blp.route("/users/me")
class CurrentUser(MethodView):
    """The caller."""

    service = Provided(UserService)

    @blp.auth()
    @blp.response(200, UserSchema)
    @blp.etag
    @blp.links(*USER_LINKS)
    @blp.doc(operationId="get_current_user")
    def get(self, principal: Principal) -> UserRecord:
        """Read the caller's own user.

        It is as fresh as the answer: nothing is taken from the token but who asks.
        """
        return self.service.get_own(principal)


@blp.route("/users/<id:user_id>")
class UserItem(MethodView):
    """One user."""

    service = Provided(UserService)

    @blp.auth()
    @blp.response(200, UserSchema)
    @blp.etag
    @blp.raises(NotAllowed, UserNotFound)
    @blp.links(*USER_LINKS)
    @blp.doc(operationId="get_user")
    def get(self, principal: Principal, user_id: int) -> UserRecord:
        """Read a user.

        A deleted user is not found. Where the directory is kept to admins, others read only
        themselves.
        """
        return self.service.get(principal, user_id)

    @blp.auth(rule=EDITING)
    @blp.arguments(UserUpdateSchema)
    @blp.if_match("user_id")
    @blp.response(200, UserSchema)
    @blp.etag
    @blp.raises(UserNotFound, LastAdmin)
    @blp.doc(operationId="update_user")
    def patch(
        self,
        principal: Principal,
        changes: UserChanges,
        user_id: int,
        versions: Versions | None,
    ) -> UserRecord:
        """Change a user.

        People change their own names; admins change everybody's, and alone may set
        `is_active`. Deactivating a user ends all of its sessions at once. The last active
        admin cannot be deactivated. An empty object changes nothing.

        With `If-Match` only the version that it names is changed; of many who edit the same
        version at once, one succeeds.
        """
        return self.service.update(principal, user_id, changes, versions)

    @blp.auth(rule=DELETING)
    @blp.if_match("user_id")
    @blp.response(204)
    @blp.raises(UserNotFound, LastAdmin)
    @blp.doc(operationId="delete_user")
    def delete(self, principal: Principal, user_id: int, versions: Versions | None) -> None:
        """Delete a user.

        For admins. All sessions of the user end at once, its posts stay, and its e-mail
        address may be registered again. The last active admin cannot be deleted. With `If-Match`
        only the version that it names is deleted.
        """
        self.service.delete(principal, user_id, versions)


@blp.route("/users/<id:user_id>/role")
class UserRole(MethodView):
    """What one user is trusted with."""

    service = Provided(UserService)

    @blp.auth(rule=SETTING_ROLES)
    @blp.arguments(RoleChangeSchema)
    @blp.if_match("user_id")
    @blp.response(200, UserSchema)
    @blp.etag
    @blp.raises(UserNotFound, LastAdmin)
    @blp.doc(operationId="set_user_role")
    def put(
        self,
        principal: Principal,
        change: RoleChange,
        user_id: int,
        versions: Versions | None,
    ) -> UserRecord:
        """Set a user's role.

        For admins. A `moderator` may change and delete every post, an `admin` everything. The
        role counts from the user's next request on. The last active admin keeps it. The same
        role again changes nothing. With `If-Match` only the version that it names is changed.
        """
        return self.service.set_role(principal, user_id, change.role, versions)
