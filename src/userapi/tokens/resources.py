"""The public keys over HTTP."""

from flask.views import MethodView

from userapi.tokens.records import JWKSet
from userapi.tokens.schemas import JwkSetSchema
from userapi.tokens.service import SigningKeyService
from userapi.web.blueprint import Blueprint
from userapi.web.services import Provided

blp = Blueprint(
    "keys",
    url_prefix="/.well-known",
    description="The public keys with which other services verify tokens.",
)


@blp.route("/jwks.json")
class PublicKeys(MethodView):
    """The public keys."""

    service = Provided(SigningKeyService)

    @blp.response(200, JwkSetSchema)
    @blp.cacheable
    @blp.doc(operationId="get_jwks")
    def get(self) -> JWKSet:
        """Get the public keys, as a JWK set.

        A new key is published before it signs its first token, for longer than `Cache-Control`
        lets the answer be cached. When a token has an unknown `kid`, ask again.
        """
        return self.service.published()
