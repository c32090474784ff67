"""S33: what comes in becomes part of a statement.

As in CVE-2024-42005.
"""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from contract.operations import Operation
from security.walking import Walker, query_of
from support.accounts import Account, Headers
from support.paths import USERS
from support.statements import statements_on
from userapi.users.models import User

CORPUS = (
    "'",
    '"',
    "`",
    "\\",
    "';--",
    "' OR '1'='1",
    "' OR 1=1--",
    '" OR ""="',
    "1 OR 1=1",
    "1) OR (1=1",
    "1;DROP TABLE users",
    "1'; DROP TABLE users;--",
    "1; DELETE FROM sessions",
    "1 UNION SELECT password_hash FROM users",
    "' UNION SELECT NULL,NULL,NULL--",
    "1 AND (SELECT 1 FROM pg_sleep(9))",
    "1;SELECT pg_sleep(9)",
    "1 AND randomblob(1000000000)",
    "1/**/OR/**/1",
    "1-0",
    "1+0",
    "1*1",
    "0x31",
    "CHAR(49)",
    "CAST(1 AS int)",
    "$$1$$",
    "$1",
    ":id",
    "%(id)s",
    "%s",
    "?",
    "{0}",
    "{{7*7}}",
    "${7*7}",
    "1\0",
    "%",
    "_",
    "NULL",
    "true OR true",
    '{"$gt": ""}',
    "[1]",
    "data->>'x'",
    "users.password_hash",
    "\u2019 OR \uff11=\uff11",
    "\ufe63\ufe63",
)


@pytest.mark.any_database
@pytest.mark.parametrize("place", ["value", "name"])
def test_s33_no_parameter_reaches_a_statement(
    db_session: Session,
    admin_user: Account,
    walker: Walker,
    operations: list[Operation],
    place: str,
) -> None:
    lists = [operation for operation in operations if query_of(operation)]
    queries = [
        (operation, {name: text} if place == "value" else {f"{name}{text}": "1"})
        for operation in lists
        for name in query_of(operation)
        for text in CORPUS
        if place == "name" or name != "q"
    ]

    answers = {
        walker.call(it, shares_login=True, query_string=query).status_code for it, query in queries
    }

    assert {"list_users", "list_posts", "list_user_posts"} <= {it.name for it in lists}
    assert answers == {400}
    assert db_session.scalar(select(func.count()).select_from(User)) == 1


def test_s33_what_is_searched_for_is_never_part_of_a_statement(
    client: FlaskClient, auth_headers: Headers, db_session: Session
) -> None:
    sought = [word for word in CORPUS if len(word) > 2 and word.isprintable()]

    def search(word: str) -> list[str]:
        with statements_on(db_session.connection()) as sent:
            answer = client.get(USERS, query_string={"q": word}, headers=auth_headers)
        assert (answer.status_code, answer.get_json()["users"]) == (200, [])
        return sent

    search("whether there is an index is asked once")
    first = search("lovelace of nowhere")
    assert [search(word) for word in sought] == [first] * len(sought)
