"""Registration over HTTP."""

from flask.views import MethodView

from userapi.kit.limits import LimitedOperation
from userapi.registration.schemas import UserCreateSchema
from userapi.registration.service import Registration, RegistrationService
from userapi.users.errors import EmailTaken
from userapi.users.records import UserRecord
from userapi.users.schemas import USER_EXAMPLE, USER_LINKS, UserSchema
from userapi.web.blueprint import API_PREFIX, Blueprint
from userapi.web.operation import Link
from userapi.web.responses import LOCATION_HEADER, WithHeaders, created
from userapi.web.services import Provided

blp = Blueprint("accounts", description="Getting an account.")


@blp.route("/users")
class Accounts(MethodView):
    """New accounts."""

    service = Provided(RegistrationService)

    @blp.limit(LimitedOperation.REGISTER)
    @blp.arguments(
        UserCreateSchema,
        example={
            "email": "ada@example.com",
            "password": "correct horse battery",
            "first_name": "Ada",
            "last_name": "Lovelace",
        },
    )
    @blp.idempotent
    @blp.response(201, UserSchema, example=USER_EXAMPLE, headers=LOCATION_HEADER)
    @blp.etag
    @blp.raises(EmailTaken)
    @blp.links(
        *USER_LINKS,
        Link("login", body={name: f"$request.body#/{name}" for name in ("email", "password")}),
    )
    @blp.doc(operationId="register")
    def post(self, registration: Registration) -> WithHeaders[UserRecord]:
        """Register.

        Anyone may. The account is active at once. An e-mail address is unique, whatever its
        case; that of a deleted account is free again.
        """
        user = self.service.register(registration)
        return created(user, f"{API_PREFIX}/users/{user.id}")
