"""Registration over HTTP."""

from flask.views import MethodView

from userapi.idempotency.decorator import idempotent
from userapi.kit.errors import HashingBusy
from userapi.rate_limits.decorator import limited
from userapi.registration.errors import RegistrationsLimited
from userapi.registration.schemas import UserCreateSchema
from userapi.registration.service import Registration, RegistrationService
from userapi.users.errors import EmailTaken
from userapi.users.records import UserRecord
from userapi.users.schemas import USER_LINKS, UserSchema
from userapi.web.blueprint import Blueprint
from userapi.web.operation import Link
from userapi.web.services import Provided

blp = Blueprint("accounts", description="Registration.")


@blp.route("/users")
class Accounts(MethodView):
    """New accounts."""

    service = Provided(RegistrationService)

    @limited("register")
    @blp.arguments(UserCreateSchema)
    @idempotent
    @blp.created(UserSchema, location="/users/{id}")
    @blp.etag
    @blp.raises(EmailTaken, HashingBusy, RegistrationsLimited)
    @blp.links(
        *USER_LINKS,
        Link("login", body={name: f"$request.body#/{name}" for name in ("email", "password")}),
    )
    @blp.doc(operationId="register")
    def post(self, registration: Registration) -> UserRecord:
        """Register.

        Anyone may. The account is active at once. E-mail addresses are unique, however
        they are spelled; that of a deleted account can be used again.
        """
        return self.service.register(registration)
