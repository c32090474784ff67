"""What the repositories send at each log-in: built once, with the values left open."""

from datetime import datetime
from functools import cache

from sqlalchemy import (
    ColumnElement,
    Integer,
    bindparam,
    case,
    delete,
    exists,
    false,
    func,
    null,
    or_,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.base import Executable

from userapi.db.base import UTCDateTime
from userapi.db.rows import AnySelect
from userapi.throttling.lockout import Lockout
from userapi.throttling.models import LoginThrottle, TrustedDevice
from userapi.users.models import User


@cache
def registration(dialect: str, lockout: Lockout, *, is_of_account: bool) -> Executable:
    """Return the statement that counts one more failure, if none is forbidden now."""
    insert = sqlite.insert if dialect == "sqlite" else postgresql.insert
    now, failures = bindparam("now", type_=UTCDateTime()), LoginThrottle.failures + 1
    is_free = or_(LoginThrottle.blocked_until.is_(None), LoginThrottle.blocked_until <= now)
    is_account = _IS_ACCOUNT if is_of_account else false()
    return (
        insert(LoginThrottle)
        .values(
            bucket=bindparam("bucket"),
            failures=1,
            blocked_until=bindparam("first_end"),
            last_failed_at=now,
            is_account=is_account,
        )
        .on_conflict_do_update(
            index_elements=[LoginThrottle.bucket],
            set_={
                "failures": failures,
                "blocked_until": _blocked_until(failures, lockout),
                "last_failed_at": now,
                "is_account": is_account,
            },
            where=is_free & (LoginThrottle.failures < lockout.max_failures),
        )
        .returning(LoginThrottle.failures)
    )


@cache
def expiry(max_failures: int) -> Executable:
    """Return the statement that deletes some buckets of failures that are old."""
    expired = (
        select_expired(bindparam("before", type_=UTCDateTime()), max_failures)
        .order_by(LoginThrottle.last_failed_at)
        .limit(bindparam("at_most", type_=Integer()))
        .with_for_update(skip_locked=True)
    )
    return (
        delete(LoginThrottle)
        .where(LoginThrottle.bucket.in_(expired))
        .returning(LoginThrottle.bucket)
    )


def _displacement() -> Executable:
    """Return the statement that deletes the devices of a user beyond so many, the best first."""
    now, stale_before = (bindparam(it, type_=UTCDateTime()) for it in ("now", "stale_before"))
    is_stale = or_(TrustedDevice.last_used_at <= stale_before, TrustedDevice.expires_at <= now)
    came_back = TrustedDevice.last_used_at > TrustedDevice.created_at
    others = (
        select(TrustedDevice.id)
        .where(TrustedDevice.user_id == bindparam("user_id"))
        .order_by(
            case((is_stale, 2), (came_back, 0), else_=1),
            case((is_stale, null()), else_=TrustedDevice.created_at),
            TrustedDevice.last_used_at.desc(),
            TrustedDevice.id,
        )
        .offset(bindparam("kept", type_=Integer()))
    )
    return delete(TrustedDevice).where(TrustedDevice.id.in_(others)).returning(TrustedDevice.id)


def select_expired(before: ColumnElement[datetime], max_failures: int) -> AnySelect:
    """Return the query for the buckets of failures that are old, and lock no account."""
    query: AnySelect = select(LoginThrottle.bucket).where(
        LoginThrottle.last_failed_at <= before,
        or_(LoginThrottle.failures < max_failures, LoginThrottle.is_account.is_(False)),
    )
    return query


def _blocked_until(
    failures: ColumnElement[int], lockout: Lockout
) -> ColumnElement[datetime | None]:
    """Return `Lockout.blocked_until` as SQL: the end of the longest delay for so many failures."""
    return case(
        *(
            (failures >= number, bindparam(end_after(number), type_=UTCDateTime()))
            for number, _ in reversed(list(lockout.delays()))
        ),
        else_=null(),
    )


def end_after(failures: int) -> str:
    """Return how `registration` calls the end of the delay after so many failures."""
    return f"end_after_{failures}"


# Whether an account has that canonical address.
_IS_ACCOUNT = exists().where(
    func.lower(User.email) == bindparam("email"), User.deleted_at.is_(None)
)
CLEARING = (
    delete(LoginThrottle)
    .where(LoginThrottle.bucket.in_(bindparam("buckets", expanding=True)))
    .returning(LoginThrottle.bucket)
)
DISPLACEMENT = _displacement()
