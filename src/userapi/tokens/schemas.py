"""Public keys on the wire."""

from marshmallow import fields

from userapi.web.known_values import OpenString
from userapi.web.schemas import OutputSchema


class JwkSchema(OutputSchema):
    """A public key, as RFC 7517 writes it."""

    kid = fields.String(
        required=True, metadata={"description": "The `kid` in the header of the key's tokens."}
    )
    alg = OpenString(known=["EdDSA", "ES256"], required=True)
    use = OpenString(known=["sig"], required=True)
    kty = OpenString(known=["OKP", "EC"], required=True)
    crv = OpenString(known=["Ed25519", "P-256"], required=True)
    x = fields.String(required=True, metadata={"description": "In base64url."})
    y = fields.String(metadata={"description": "In base64url; of `EC` keys only."})


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

    keys = fields.List(
        fields.Nested(JwkSchema),
        required=True,
        metadata={"description": "Empty when tokens are signed with HS256."},
    )
