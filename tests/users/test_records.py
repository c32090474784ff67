from dataclasses import replace

import pytest

from support.rows import NOON
from userapi.kit.principal import Role
from userapi.users.records import UserRecord

ADA = UserRecord(
    id=7,
    email="ada@example.com",
    email_verified_at=None,
    language=None,
    first_name="Ada",
    last_name="King Lovelace",
    is_active=True,
    role=Role.USER,
    created_at=NOON,
    updated_at=NOON,
    version=1,
)


def test_the_full_name_is_both_names() -> None:
    assert ADA.full_name == "Ada King Lovelace"


@pytest.mark.parametrize("role", Role)
def test_only_the_role_of_admins_makes_an_admin(role: Role) -> None:
    assert replace(ADA, role=role).is_admin is (role is Role.ADMIN)
