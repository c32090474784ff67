"""What an operator does about what a database says."""

import re

from userapi.db.sqlite import MISSING_FILE

_MENDS = (
    (
        r"permission denied|must be owner of",
        "run this with the DATABASE_URL of the tables' owner, or give it rights: userapi db roles",
    ),
    (MISSING_FILE, "run: userapi db upgrade, or name another in DATABASE_URL"),
    (
        r"cannot make the database file .*: No such file",
        "make its folder, or name another in DATABASE_URL",
    ),
    (r"cannot make the database file", "DATABASE_URL must name a file that can be written to"),
    (r"file is not a database", "DATABASE_URL must name one of SQLite"),
    (
        r"unable to open database file",
        "DATABASE_URL must name a file that this user may read and write",
    ),
    (r"disk is full|No space left", "make room where DATABASE_URL has its file"),
    (
        r"readonly database",
        "this user must be able to write to the file in DATABASE_URL and to its folder",
    ),
    (
        r"password authentication failed|no password supplied|role .* does not exist",
        "check user and password in DATABASE_URL, or PGPASSWORD",
    ),
    (
        r"pg_hba.conf",
        "let this host and user in, in the server's pg_hba.conf, or change DATABASE_URL",
    ),
    (
        r"FATAL: .*database .* does not exist",
        "make it with createdb, or name another in DATABASE_URL",
    ),
    (
        r"server does not support SSL",
        "turn TLS on there, or take sslmode out of DATABASE_URL",
    ),
    (r"certificate|SSL error", "check sslmode and sslrootcert in DATABASE_URL"),
    (
        r"invalid connection option|invalid \w+ value|invalid (integer|port)",
        "check what follows the ? in DATABASE_URL",
    ),
    (
        r"too many clients|connection slots are reserved|too many connections",
        "lower WEB_CONCURRENCY, WEB_THREADS or DATABASE_POOL_SIZE, or raise max_connections there",
    ),
    (
        r"connection failed|connection is bad|failed to resolve|timeout expired",
        "check host and port in DATABASE_URL, and that the server runs",
    ),
)
"""What is searched for in a message, the narrowest first, and what is to be done then."""


def mend_of(message: str) -> str | None:
    """Return what is to be done about a database's message; None where that is not known."""
    return next((mend for told, mend in _MENDS if re.search(told, message)), None)
