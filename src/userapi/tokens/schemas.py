"""Public keys on the wire."""

from marshmallow import fields

from userapi.web.schemas import OutputSchema

JWKS_EXAMPLE = {
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


class JwkSchema(OutputSchema):
    """A public key, as RFC 7517 writes it."""

    kid = fields.String(
        required=True, metadata={"description": "The `kid` in the header of the key's tokens."}
    )
    alg = fields.String(required=True, metadata={"description": "`EdDSA` or `ES256`."})
    use = fields.String(required=True, metadata={"const": "sig"})
    kty = fields.String(required=True, metadata={"description": "`OKP` or `EC`."})
    crv = fields.String(required=True, metadata={"description": "`Ed25519` or `P-256`."})
    x = fields.String(required=True, metadata={"description": "In base64url."})
    y = fields.String(metadata={"description": "In base64url; of `EC` keys only."})


class JwkSetSchema(OutputSchema):
    """The public keys that tokens are verified with."""

    keys = fields.List(
        fields.Nested(JwkSchema),
        required=True,
        metadata={"description": "Empty when tokens are signed with HS256."},
    )
