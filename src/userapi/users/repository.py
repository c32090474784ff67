"""Which users."""

from collections.abc import Callable, Collection, Iterator, Sequence
from functools import cache
from typing import Any, ClassVar

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    String,
    bindparam,
    func,
    literal,
    select,
    union_all,
)
from sqlalchemy.orm import aliased

from userapi.db.id_lists import id_list, is_among, rows_of_id_list
from userapi.db.repository import Repository, columns_of
from userapi.db.rows import AnyRow, AnySelect
from userapi.kit.email_addresses import canonical_email, lower_case
from userapi.kit.errors import DomainError
from userapi.kit.principal import Role
from userapi.kit.versions import Versions
from userapi.users.errors import EmailTaken
from userapi.users.models import User
from userapi.users.records import (
    AddressHolder,
    PasswordCredentials,
    ProfileRecord,
    UserRecord,
)

_ADMIN = aliased(User)
_FEW = 8  # so many users have a statement of their own
_IS_LIVING = User.deleted_at.is_(None)
_HAS_ID = User.id == bindparam("user_id")
_HAS_EMAIL = func.lower(User.email) == bindparam("email")

_USERS = select(*columns_of(User, UserRecord)).where(_IS_LIVING)
_USER_BY_ID = _USERS.where(_HAS_ID)
_USER_BY_EMAIL = _USERS.where(_HAS_EMAIL)
_USER_FOR_UPDATE = select(User).where(_HAS_ID, _IS_LIVING).with_for_update(key_share=True)
_KEPT_USER_FOR_UPDATE = (
    select(User).where(_HAS_ID, User.erased_at.is_(None)).with_for_update(key_share=True)
)
_CREDENTIALS = select(*columns_of(User, PasswordCredentials)).where(_IS_LIVING)
_CREDENTIALS_BY_ID = _CREDENTIALS.where(_HAS_ID)
_CREDENTIALS_BY_EMAIL = _CREDENTIALS.where(_HAS_EMAIL)
_HOLDER_BY_EMAIL = select(*columns_of(User, AddressHolder)).where(_IS_LIVING, _HAS_EMAIL)


class UserRepository(Repository):
    """The users that are not deleted; others only where a method says so."""

    violations: ClassVar[dict[str, type[DomainError]]] = {"uq_users_email": EmailTaken}

    def get(self, user_id: int) -> UserRecord | None:
        """Return the user with that id."""
        return self._one(_USER_BY_ID, UserRecord, user_id=user_id)

    def stored_address(self, spelling: str) -> str:
        """Return the form in which an account has, or would have, an address.

        That is the canonical form, unless an account of before has it in the very spelling. Whether
        that is asked depends on the spelling alone, never on which accounts there are.
        """
        canonical, of_before = canonical_email(spelling), lower_case(spelling)
        if canonical == of_before:
            return canonical
        return canonical if self.find_by_email(of_before) is None else of_before

    def find_by_email(self, email: str) -> UserRecord | None:
        """Return the user with that stored address."""
        return self._one(_USER_BY_EMAIL, UserRecord, email=email)

    def find_credentials(self, email: str) -> PasswordCredentials | None:
        """Return the credentials of the user with that stored address."""
        return self._one(_CREDENTIALS_BY_EMAIL, PasswordCredentials, email=email)

    def export(self, user_id: int) -> Iterator[ProfileRecord]:
        """Yield what is kept of that user, deleted or not, within a transaction."""
        query = select(*columns_of(User, ProfileRecord)).where(User.id == user_id)
        return self._each(query, ProfileRecord)

    def find_holder(self, email: str) -> AddressHolder | None:
        """Return the account that has that canonical address."""
        return self._one(_HOLDER_BY_EMAIL, AddressHolder, email=email)

    def get_credentials(self, user_id: int) -> PasswordCredentials | None:
        """Return the credentials of the user with that id."""
        return self._one(_CREDENTIALS_BY_ID, PasswordCredentials, user_id=user_id)

    def any_exist(self) -> bool:
        """Say whether there is any user at all, deleted ones included."""
        return self._row(select(User.id).limit(1)) is not None

    def was_ever(self, user_id: int) -> bool:
        """Say whether there is or was a user with that id."""
        return self._row(select(User.id).where(User.id == user_id)) is not None

    def save(self, user: User) -> UserRecord:
        """Insert or update a user, and return it as it is then; raise `EmailTaken`."""
        return self._save(user, UserRecord)

    def get_for_update(
        self, user_id: int, versions: Versions | None = None, *, or_closed: bool = False
    ) -> User | None:
        """Return the user with that id, locked until the transaction ends.

        With `versions` it is found only while it has one of them; `or_closed` also when its account
        was closed, until it is erased.
        """
        query = _KEPT_USER_FOR_UPDATE if or_closed else _USER_FOR_UPDATE
        if versions is not None:
            query = query.where(User.version.in_(versions))
        return self._db.scalars(query, {"user_id": user_id}).one_or_none()

    def lock_with_active_admins(self, *user_ids: int) -> None:
        """Lock these users and all active admins until the transaction ends."""
        lock_users(self._read, user_ids, with_admins=True)

    def share_active_role(self, user_id: int) -> Role | None:
        """Return the role of an active user, which it keeps until the transaction ends.

        None where there is no such user, or it is not active.
        """
        for row in lock_users(self._read, [user_id], with_admins=False, is_shared=True):
            if row.is_active and row.deleted_at is None:
                return Role(row.role)
        return None

    def active_admin_ids(self) -> frozenset[int]:
        """Return the ids of all active admins."""
        query = select(User.id).where(*_is_active_admin(User))
        return frozenset(row.id for row in self._read(query))


def lock_users(
    read: Callable[..., Sequence[AnyRow]],
    user_ids: Collection[int],
    *,
    with_admins: bool,
    is_shared: bool = False,
) -> Sequence[AnyRow]:
    """Lock those users, and perhaps all active admins, deleted ones too; return what they are.

    `read` is what a repository reads with.

    One statement locks them in the order of their ids, so that callers cannot wait for each
    other: neither for an admin, nor for a user who was one a moment ago. Whoever waited sees
    what the other one left.
    """
    if len(user_ids) > _FEW:
        statement = _many_users_for_update(with_admins=with_admins, is_shared=is_shared)
        return read(statement, user_ids=id_list(user_ids))
    statement = _users_for_update(len(user_ids), with_admins=with_admins, is_shared=is_shared)
    return read(statement, **{_name_of(place): it for place, it in enumerate(user_ids)})


@cache
def _users_for_update(count: int, *, with_admins: bool, is_shared: bool) -> AnySelect:
    ids = [bindparam(_name_of(place), type_=BigInteger()) for place in range(count)]
    wanted: ColumnElement[bool] = User.id.in_(ids)
    if with_admins:
        admins = select(_ADMIN.id).where(*_is_active_admin(_ADMIN))
        wanted = User.id.in_(union_all(admins, *(select(user_id) for user_id in ids)))
    return _for_update(wanted, is_shared=is_shared)


@cache
def _many_users_for_update(*, with_admins: bool, is_shared: bool) -> AnySelect:
    ids: Any = rows_of_id_list(bindparam("user_ids", type_=String()))
    if with_admins:
        ids = union_all(select(_ADMIN.id).where(*_is_active_admin(_ADMIN)), ids)
    return _for_update(is_among(User.id, ids), is_shared=is_shared)


def _for_update(wanted: ColumnElement[bool], *, is_shared: bool) -> AnySelect:
    columns = (User.id, User.role, User.is_active, User.deleted_at)
    query: AnySelect = select(*columns).where(wanted).order_by(User.id)
    return query.with_for_update(read=is_shared, key_share=not is_shared)


def _name_of(place: int) -> str:
    return f"user_{place}"


def _is_active_admin(user: Any) -> tuple[ColumnElement[bool], ...]:
    # Written out, not bound: the index of the admins is found by these very words.
    role = literal(Role.ADMIN, literal_execute=True)
    return user.deleted_at.is_(None), user.is_active, user.role == role
