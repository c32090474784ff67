"""What tokens declare of their operation."""

from userapi.testing.contract import Call, Contract, Kind

CONTRACT = Contract(
    calls={"get_jwks": Call(Kind.CACHED, bearer="none")},
    schemas={"Jwk", "JwkSet"},
)
