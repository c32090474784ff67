"""What the figures declare of their operation."""

from userapi.kit.principal import Role
from userapi.testing.contract import Call, Contract

CONTRACT = Contract(
    calls={"get_stats": Call(role=Role.ADMIN)},
    schemas={"Stats", "StatsDay", "StatsRole", "StatsSessions", "StatsUsers"},
)
