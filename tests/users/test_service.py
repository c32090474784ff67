import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from support.leaving import closing_on, removal_on
from support.principals import principal_of
from support.rows import (
    NOON,
    UNKNOWN_ID,
    add_session_row,
    add_user_row,
    at_minute,
    column_of,
    revocation_of,
)
from userapi.audit.models import AuditEvent
from userapi.audit.repository import AuditRepository
from userapi.audit.service import AuditTrail
from userapi.db.session import ScopedSession
from userapi.db.unit_of_work import UnitOfWork
from userapi.kit.client_info import ClientInfo
from userapi.kit.errors import NotAllowed, SessionEnded
from userapi.kit.principal import Role
from userapi.mail.notices import Notices
from userapi.users.errors import LastAdmin, UserNotFound
from userapi.users.policy import Directory, directory_rules
from userapi.users.repository import UserRepository
from userapi.users.service import UserChanges, UserService
from userapi.web.services import provided

NOW = at_minute(60)


@pytest.fixture
def service(scoped_session: ScopedSession, transaction: UnitOfWork) -> UserService:
    """The service at a time that stands still."""
    return UserService(
        transaction=transaction,
        users=UserRepository(db=scoped_session),
        removal=removal_on(scoped_session, lambda: NOW),
        closer=closing_on(scoped_session, lambda: NOW),
        notices=provided(Notices),
        audit=AuditTrail(
            events=AuditRepository(db=scoped_session),
            client_info=ClientInfo,
            clock=lambda: NOW,
        ),
        directory=directory_rules(Directory.MEMBERS),
    )


@pytest.fixture
def alan(db_session: Session) -> int:
    """An ordinary user's id."""
    return add_user_row(db_session, "alan@example.com", created_at=NOON)


@pytest.fixture
def root(db_session: Session) -> int:
    """The only admin's id."""
    return add_user_row(db_session, "root@example.com", created_at=NOON, role=Role.ADMIN)


def test_an_unknown_user_is_not_found(service: UserService) -> None:
    with pytest.raises(UserNotFound):
        service.get(principal_of(1), UNKNOWN_ID)


def test_the_caller_reads_their_own_user(service: UserService, alan: int) -> None:
    assert service.get_own(principal_of(alan)).email == "alan@example.com"


def test_the_session_of_a_caller_who_was_deleted_meanwhile_has_ended(service: UserService) -> None:
    with pytest.raises(SessionEnded):
        service.get_own(principal_of(UNKNOWN_ID))


def test_a_change_is_kept(db_session: Session, service: UserService, alan: int) -> None:
    service.update(principal_of(alan), alan, UserChanges(first_name="Edsger"))

    assert column_of(db_session, alan, "first_name") == "Edsger"


def test_a_change_leaves_the_rest_as_it_is(
    db_session: Session, service: UserService, alan: int
) -> None:
    service.update(principal_of(alan), alan, UserChanges(first_name="Edsger"))

    assert column_of(db_session, alan, "last_name") == "Turing"


def test_a_forbidden_change_is_not_kept(
    db_session: Session, service: UserService, alan: int
) -> None:
    with pytest.raises(NotAllowed):
        service.update(principal_of(alan + 1), alan, UserChanges(first_name="Edsger"))

    assert column_of(db_session, alan, "first_name") == "Alan"


def test_an_unknown_user_cannot_be_changed(service: UserService, root: int) -> None:
    with pytest.raises(UserNotFound):
        service.update(principal_of(root, Role.ADMIN), UNKNOWN_ID, UserChanges(first_name="A"))


def test_an_unknown_user_cannot_be_deactivated(service: UserService, root: int) -> None:
    with pytest.raises(UserNotFound):
        service.update(principal_of(root, Role.ADMIN), UNKNOWN_ID, UserChanges(is_active=False))


def test_deactivation_ends_the_sessions_now(
    db_session: Session, service: UserService, alan: int, root: int
) -> None:
    session_id = add_session_row(db_session, alan)

    service.update(principal_of(root, Role.ADMIN), alan, UserChanges(is_active=False))

    assert revocation_of(db_session, session_id) == NOW


def test_deactivation_leaves_the_sessions_of_others(
    db_session: Session, service: UserService, alan: int, root: int
) -> None:
    session_id = add_session_row(db_session, root)

    service.update(principal_of(root, Role.ADMIN), alan, UserChanges(is_active=False))

    assert revocation_of(db_session, session_id) is None


def test_a_change_of_name_leaves_the_sessions(
    db_session: Session, service: UserService, alan: int
) -> None:
    session_id = add_session_row(db_session, alan)

    service.update(principal_of(alan), alan, UserChanges(first_name="Edsger"))

    assert revocation_of(db_session, session_id) is None


def test_the_refused_deactivation_of_the_last_admin_changes_nothing(
    db_session: Session, service: UserService, root: int
) -> None:
    session_id = add_session_row(db_session, root)

    with pytest.raises(LastAdmin):
        service.update(principal_of(root, Role.ADMIN), root, UserChanges(is_active=False))

    assert column_of(db_session, root, "is_active") is True
    assert revocation_of(db_session, session_id) is None


def test_the_refused_deletion_of_the_last_admin_changes_nothing(
    db_session: Session, service: UserService, root: int
) -> None:
    session_id = add_session_row(db_session, root)

    with pytest.raises(LastAdmin):
        service.delete(principal_of(root, Role.ADMIN), root)

    assert column_of(db_session, root, "deleted_at") is None
    assert revocation_of(db_session, session_id) is None


def test_deletion_marks_the_row_now(
    db_session: Session, service: UserService, alan: int, root: int
) -> None:
    service.delete(principal_of(root, Role.ADMIN), alan)

    assert column_of(db_session, alan, "deleted_at") == NOW


def test_deletion_ends_the_sessions_now(
    db_session: Session, service: UserService, alan: int, root: int
) -> None:
    session_id = add_session_row(db_session, alan)

    service.delete(principal_of(root, Role.ADMIN), alan)

    assert revocation_of(db_session, session_id) == NOW


def test_the_service_too_lets_only_admins_delete(
    db_session: Session, service: UserService, alan: int
) -> None:
    with pytest.raises(NotAllowed):
        service.delete(principal_of(alan), alan)

    assert column_of(db_session, alan, "deleted_at") is None


def test_a_refused_use_case_leaves_the_next_one_free(
    db_session: Session, service: UserService, alan: int, root: int
) -> None:
    admin = principal_of(root, Role.ADMIN)
    with pytest.raises(LastAdmin):
        service.delete(admin, root)

    service.delete(admin, alan)

    assert column_of(db_session, alan, "deleted_at") == NOW


def test_the_service_too_lets_only_admins_set_roles(
    db_session: Session, service: UserService, alan: int
) -> None:
    with pytest.raises(NotAllowed):
        service.set_role(principal_of(alan, Role.MODERATOR), alan, Role.ADMIN)

    assert column_of(db_session, alan, "role") == "user"


def test_a_demotion_leaves_the_sessions(
    db_session: Session, service: UserService, alan: int, root: int
) -> None:
    session_id = add_session_row(db_session, alan)

    service.set_role(principal_of(root, Role.ADMIN), alan, Role.MODERATOR)

    assert revocation_of(db_session, session_id) is None


def test_the_operator_assigns_a_role(db_session: Session, service: UserService, alan: int) -> None:
    user = service.assign_role("alan@example.com", Role.MODERATOR)

    assert (user.id, column_of(db_session, alan, "role")) == (alan, "moderator")


def test_a_role_that_the_operator_assigns_has_no_actor(
    db_session: Session, service: UserService, alan: int
) -> None:
    service.assign_role("alan@example.com", Role.ADMIN)

    written = db_session.scalars(select(AuditEvent)).one()
    assert (written.event, written.actor_id, written.subject_id) == ("role:changed", None, alan)
    assert written.details == {"from": "user", "to": "admin"}


def test_the_operator_does_not_demote_the_last_admin(
    db_session: Session, service: UserService, root: int
) -> None:
    with pytest.raises(LastAdmin):
        service.assign_role("root@example.com", Role.USER)

    assert column_of(db_session, root, "role") == "admin"


def test_the_operator_assigns_no_role_to_nobody(service: UserService) -> None:
    with pytest.raises(UserNotFound):
        service.assign_role("nobody@example.com", Role.USER)
