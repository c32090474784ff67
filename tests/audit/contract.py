"""What the audit trail declares of its operations."""

from userapi.kit.principal import Role
from userapi.testing.contract import Call, Contract, Kind

CONTRACT = Contract(
    calls={
        "list_audit_events": Call(Kind.LIST, role=Role.ADMIN),
        "list_own_events": Call(Kind.LIST),
    },
    schemas={"AuditEvent", "AuditEventPage"},
)
