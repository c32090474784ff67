"""What the directory declares of its operation."""

from userapi.testing.contract import Call, Contract, Kind

CONTRACT = Contract(calls={"list_users": Call(Kind.LIST)}, schemas={"User", "UserPage"})
