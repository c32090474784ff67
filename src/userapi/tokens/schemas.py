"""Public keys on the wire."""

from marshmallow import fields

from userapi.tokens.keys.ring import MAX_PUBLISHED_KEYS
from userapi.tokens.models import KEY_ID_LENGTH
from userapi.web.known_values import OpenString
from userapi.web.output import OutputSchema
from userapi.web.output_fields import VISIBLE, BoundedList, BoundedString

_COORDINATE_LENGTH = 1_000  # many times those of today's curves


class JwkSchema(OutputSchema):
    """A public key, as RFC 7517 writes it."""

    kid = BoundedString(
        max_length=KEY_ID_LENGTH,
        pattern=VISIBLE,
        required=True,
        metadata={"description": "The `kid` in the header of the key's tokens."},
    )
    alg = OpenString(known=["EdDSA", "ES256"], required=True)
    use = OpenString(known=["sig"], required=True)
    kty = OpenString(known=["OKP", "EC"], required=True)
    crv = OpenString(known=["Ed25519", "P-256"], required=True)
    x = BoundedString(
        max_length=_COORDINATE_LENGTH,
        pattern=VISIBLE,
        required=True,
        metadata={"description": "In base64url."},
    )
    y = BoundedString(
        max_length=_COORDINATE_LENGTH,
        pattern=VISIBLE,
        metadata={"description": "In base64url; of `EC` keys only."},
    )


class JwkSetSchema(OutputSchema):
    """The public keys that tokens are verified with."""

    example = {
        "keys": [
            {
                "kty": "OKP",
                "crv": "Ed25519",
                "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
                "use": "sig",
                "alg": "EdDSA",
                "kid": "4f1c9d0e7a3b5c62",
            }
        ]
    }

    keys = BoundedList(
        fields.Nested(JwkSchema),
        max_items=MAX_PUBLISHED_KEYS,
        required=True,
        metadata={"description": "Empty when tokens are signed with HS256."},
    )
