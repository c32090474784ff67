"""Looking after accounts, over HTTP."""

from flask.views import MethodView

from userapi.administration.errors import AccountNotMailed
from userapi.administration.policy import CREATING_USERS, SETTING_ADDRESSES
from userapi.administration.records import EmailCorrection, NewUser
from userapi.administration.schemas import EmailCorrectionSchema, NewUserSchema
from userapi.administration.service import AddressCorrection, UserCreation
from userapi.idempotency.decorator import idempotent
from userapi.kit.errors import HashingBusy
from userapi.kit.principal import Principal
from userapi.kit.versions import Versions
from userapi.rate_limits.decorator import limited
from userapi.users.errors import EmailTaken, UserNotFound
from userapi.users.records import UserRecord
from userapi.users.schemas import USER_LINKS, UserSchema
from userapi.web.blueprint import Blueprint
from userapi.web.services import Provided

blp = Blueprint("administration", description="What admins do for the accounts of others.")


@blp.route("/admin/users")
class NewUsers(MethodView):
    """Accounts that admins make."""

    service = Provided(UserCreation)

    @limited("create-user", "60 per 5 minutes")
    @blp.auth(rule=CREATING_USERS)
    @blp.arguments(NewUserSchema)
    @idempotent
    @blp.created(UserSchema, location="/users/{id}")
    @blp.etag
    @blp.raises(AccountNotMailed, EmailTaken, HashingBusy)
    @blp.links(*USER_LINKS)
    @blp.doc(operationId="create_user")
    def post(self, principal: Principal, new: NewUser) -> UserRecord:
        """Make an account for somebody.

        For admins, whoever else may register. The account has no password that anybody knows: a
        link is mailed by which its owner chooses one within 3 days, and which proves the address.
        When it has expired, `POST /api/v1/auth/password/forgot` mails another one.
        """
        return self.service.create(principal, new)


@blp.route("/users/<id:user_id>/email")
class UserEmail(MethodView):
    """The address of one user."""

    service = Provided(AddressCorrection)

    @blp.auth(rule=SETTING_ADDRESSES)
    @blp.arguments(EmailCorrectionSchema)
    @blp.if_match("user_id")
    @blp.response(200, UserSchema)
    @blp.etag
    @blp.raises(EmailTaken, UserNotFound)
    @blp.doc(operationId="set_user_email")
    def put(
        self,
        principal: Principal,
        correction: EmailCorrection,
        user_id: int,
        versions: Versions | None,
    ) -> UserRecord:
        """Correct a user's address.

        For admins. All sessions of the user end at once, no device is trusted any more, every
        mailed link is void, and both addresses are told. Unless it is `verified`, a link is mailed
        that proves the new one. No link undoes it. With the address that the user has already
        nothing changes, but `verified` lets it count as proven.
        """
        return self.service.correct(principal, user_id, correction, versions)
