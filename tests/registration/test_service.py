from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from support.events import Written, written
from support.logins import buckets_of
from support.rows import NOON, add_user_row, column_of
from userapi.config.groups import PasswordSettings
from userapi.config.settings import Settings
from userapi.kit.passwords import PasswordHasher
from userapi.kit.principal import Role
from userapi.registration.records import Registration
from userapi.registration.services.registration import RegistrationService
from userapi.throttling.models import LoginThrottle
from userapi.users.errors import EmailTaken
from userapi.users.models import User
from userapi.users.records import UserRecord
from userapi.web.services import provided

PASSWORD = "enigma bombe"


@pytest.fixture
def service(app: Flask, db_session: Session) -> Iterator[RegistrationService]:
    """The application's own service."""
    with app.app_context():
        yield provided(RegistrationService)


def registered(service: RegistrationService, email: str = "alan@example.com") -> UserRecord:
    """Register with that address, and return the account."""
    made = service.register(registration(email))
    assert isinstance(made, UserRecord)
    return made


def registration(email: str = "alan@example.com") -> Registration:
    return Registration(email=email, password=PASSWORD, first_name="Alan", last_name="Turing")


def test_registering_makes_an_ordinary_account(service: RegistrationService) -> None:
    user = registered(service)

    assert (user.role, user.is_active) == (Role.USER, True)


def test_registering_keeps_a_hash_of_the_password(
    db_session: Session, service: RegistrationService, settings: Settings
) -> None:
    user_id = registered(service).id

    stored = column_of(db_session, user_id, "password_hash")
    assert stored.startswith("$argon2id$")
    assert PasswordHasher(cost=settings.of(PasswordSettings).hashing_cost).verify(PASSWORD, stored)


def test_the_same_password_is_hashed_differently(
    db_session: Session, service: RegistrationService
) -> None:
    first = registered(service, "a@example.com").id
    second = registered(service, "b@example.com").id

    hashes = [column_of(db_session, user_id, "password_hash") for user_id in (first, second)]
    assert hashes[0] != hashes[1]


def test_the_address_is_kept_in_lower_case(
    db_session: Session, service: RegistrationService
) -> None:
    user_id = registered(service, "Alan@Example.COM").id

    assert column_of(db_session, user_id, "email") == "alan@example.com"


def test_a_taken_address_is_refused(db_session: Session, service: RegistrationService) -> None:
    add_user_row(db_session, "alan@example.com")

    with pytest.raises(EmailTaken):
        service.register(registration())


def test_a_refused_registration_leaves_no_row(
    db_session: Session, service: RegistrationService
) -> None:
    add_user_row(db_session, "alan@example.com")

    with pytest.raises(EmailTaken):
        service.register(registration())

    assert db_session.scalar(select(func.count()).select_from(User)) == 1


def test_a_refused_registration_leaves_the_next_one_free(
    db_session: Session, service: RegistrationService
) -> None:
    add_user_row(db_session, "alan@example.com")
    with pytest.raises(EmailTaken):
        service.register(registration())

    user_id = registered(service, "turing@example.com").id

    assert column_of(db_session, user_id, "email") == "turing@example.com"


@pytest.mark.parametrize("role", Role)
def test_an_account_of_any_role_can_be_made(
    db_session: Session, service: RegistrationService, role: Role
) -> None:
    user_id = service.create(registration(), role).id

    assert column_of(db_session, user_id, "role") == role


def test_an_admin_needs_a_free_address_too(
    db_session: Session, service: RegistrationService
) -> None:
    add_user_row(db_session, "alan@example.com")

    with pytest.raises(EmailTaken):
        service.create(registration(), Role.ADMIN)


def test_there_are_no_accounts_at_first(service: RegistrationService) -> None:
    assert service.any_exist() is False


def test_deleted_accounts_exist_as_well(db_session: Session, service: RegistrationService) -> None:
    add_user_row(db_session, "alan@example.com", deleted_at=NOON)

    assert service.any_exist() is True


def test_who_registers_makes_an_account_of_their_own(
    db_session: Session, service: RegistrationService
) -> None:
    user_id = registered(service).id

    expected = Written("account:created", user_id, user_id, None, {"role": "user"})
    assert written(db_session) == [expected]


def test_the_operator_makes_accounts_too(db_session: Session, service: RegistrationService) -> None:
    user_id = service.create(registration(), Role.ADMIN).id

    expected = Written("account:created", None, user_id, None, {"role": "admin"})
    assert written(db_session) == [expected]


def test_a_refused_registration_is_not_written_down(
    db_session: Session, service: RegistrationService
) -> None:
    add_user_row(db_session, "alan@example.com")

    with pytest.raises(EmailTaken):
        service.register(registration())

    assert written(db_session) == []


@pytest.fixture
def bucket(app: Flask, db_session: Session) -> str:
    """The bucket of the address that is registered; it is locked."""
    bucket = buckets_of(app).of_account("alan@example.com")
    row = {"failures": 50, "blocked_until": None, "last_failed_at": NOON}
    db_session.add(LoginThrottle(bucket=bucket, **row))
    db_session.commit()
    return bucket


def test_an_address_that_was_locked_before_is_free_for_its_owner(
    service: RegistrationService, db_session: Session, bucket: str
) -> None:
    service.register(registration("Alan@example.com"))

    assert db_session.scalar(select(LoginThrottle.bucket)) is None


def test_registering_a_taken_address_unlocks_nobody(
    service: RegistrationService, db_session: Session, bucket: str
) -> None:
    add_user_row(db_session, "alan@example.com")

    with pytest.raises(EmailTaken):
        service.register(registration())

    assert db_session.scalar(select(LoginThrottle.bucket)) == bucket
