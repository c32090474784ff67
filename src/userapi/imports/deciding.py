"""What becomes of each row of a batch, in the order of the rows, by what the database has."""

from collections.abc import Callable, Collection, Mapping

from userapi.imports.reading import Source
from userapi.imports.records import Decisions, Entry, OnDuplicate, Refusal, UserRow

_TAKEN = "An account, or an earlier row, has this address."
_ID_TAKEN = "There is or was a user with this id."

Check = Callable[[Entry], UserRow | Refusal]


class Batch:
    """Some rows of a file, each checked; the digest and the size are the file's until there."""

    def __init__(self, entries: Collection[Entry], check: Check, source: Source) -> None:
        self.rows: list[tuple[int, UserRow]] = []
        self.refusals: list[Refusal] = []
        self.last_row = 0
        for entry in entries:
            checked = check(entry)
            if isinstance(checked, Refusal):
                self.refusals.append(checked)
            else:
                self.rows.append((entry.row, checked))
            self.last_row = entry.row
        self.digest = source.digest()
        self.bytes_read = source.bytes_read

    @property
    def emails(self) -> list[str]:
        """The addresses of the rows that may come in."""
        return [user.email for _, user in self.rows]

    @property
    def ids(self) -> list[int]:
        """The ids that they ask for."""
        return [user.id for _, user in self.rows if user.id is not None]


def decide(
    batch: Batch,
    policy: OnDuplicate,
    *,
    holders: Mapping[str, int],
    taken_ids: Collection[int],
) -> Decisions:
    """Return what is to be done with the rows.

    `holders` are the ids of the accounts that have addresses of the batch, `taken_ids` the ids that
    were given to anybody. A row counts for those that follow it.
    """
    decisions = Decisions(refusals=list(batch.refusals))
    created: dict[str, UserRow] = {}
    used = set(taken_ids)
    for number, user in batch.rows:
        if user.email in holders or user.email in created:
            if policy is OnDuplicate.SKIP:
                decisions.count(skipped=1)
            elif policy is OnDuplicate.UPDATE:
                decisions.count(updated=1)
                if user.email in created:
                    created[user.email] = _updated(created[user.email], user)
                else:
                    decisions.updates[holders[user.email]] = user
            else:
                decisions.refusals.append(Refusal(number, "email", "taken", _TAKEN))
        elif user.id is not None and user.id in used:
            decisions.refusals.append(Refusal(number, "id", "taken", _ID_TAKEN))
        else:
            created[user.email] = user
            if user.id is not None:
                used.add(user.id)
    decisions.created = list(created.values())
    decisions.refusals.sort(key=lambda refusal: refusal.row)
    decisions.count(created=len(created), refused=len(decisions.refusals))
    return decisions


def _updated(first: UserRow, later: UserRow) -> UserRow:
    """Return what an update leaves of a user: names and language, never who may log in, or how."""
    return first._replace(
        first_name=later.first_name, last_name=later.last_name, language=later.language
    )
