"""What the health checks declare of their operations."""

from userapi.testing.contract import Call, Contract

CONTRACT = Contract(
    calls={"get_liveness": Call(bearer="none"), "get_readiness": Call(bearer="none")},
    schemas={"Check", "Health", "Readiness"},
)
