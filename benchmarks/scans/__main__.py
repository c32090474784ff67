"""Have foreign tools attack the service, and tell what they find.

    PYTHONPATH=tests python -m benchmarks.scans --programs .venv-scan/bin [--only hydra]

sqlmap and wapiti read the service's document and try every operation as an administrator, without
rate limits; slowhttptest and hydra come as strangers, with the limits that are usual. Ends with a
status that is not zero where one of them finds something. All on loopback, for a bounded time.
"""

# ruff: noqa: T201 - it speaks to people

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from sqlalchemy.orm import Session

from benchmarks.scans.tools import Scanner, Target
from benchmarks.services import DATABASES, new_service
from support.accounts import PASSWORD, add_user
from support.databases import engine_on
from support.paths import LOGIN, LOGOUT
from support.processes import client_of
from userapi.kit.passwords import STANDARD_COST, PasswordHasher
from userapi.kit.principal import Role

_ADMIN, _USER = "admin@example.com", "ada@example.com"
_USUAL = {"RATELIMIT_LOGIN": "", "RATELIMIT_CLIENT": ""}
_UNLIMITED = {"RATELIMIT_ENABLED": "false", "JWT_ACCESS_TOKEN_EXPIRES": "86400"}

Scan = Callable[[Scanner, Target], Iterator[str]]
_SCANS: dict[str, tuple[Scan, dict[str, str]]] = {
    "sqlmap": (Scanner.sqlmap, _UNLIMITED),
    "wapiti": (Scanner.wapiti, _UNLIMITED),
    "slowhttptest": (Scanner.slowhttptest, _USUAL),
    "hydra": (Scanner.hydra, _USUAL),
}


def main() -> int:
    """Run the tools that are asked for; return 1 where one has found something."""
    wanted = _arguments()
    findings: list[str] = []
    for name in wanted.only or _SCANS:
        for database in wanted.database or DATABASES:
            began = time.monotonic()
            found = _scan(name, database, wanted.programs, wanted.seconds)
            minutes = (time.monotonic() - began) / 60
            print(f"{name:14} {database:12} {len(found):3} findings in {minutes:.1f} minutes")
            findings += found
    print("\n".join(findings))
    return 1 if findings else 0


def _scan(name: str, database: str, programs: Path, seconds: int) -> list[str]:
    scan, settings = _SCANS[name]
    with (
        tempfile.TemporaryDirectory(prefix="userapi-scan-") as folder,
        new_service(database, _fill, **settings) as url,
    ):
        target = _target(url, Path(folder))
        return list(scan(Scanner(programs, Path(folder), seconds), target))


def _fill(database_url: str) -> None:
    """Add accounts; the administrator is not the first of them, whose id tools like to try."""
    hashed = PasswordHasher(cost=STANDARD_COST).hash(PASSWORD)
    with engine_on(database_url) as engine, Session(engine) as session:
        for number in range(1, 5):
            add_user(session, hashed, email=f"user{number}@example.com")
        add_user(session, hashed, email=_USER)
        add_user(session, hashed, email=_ADMIN, role=Role.ADMIN)


def _target(url: str, folder: Path) -> Target:
    with client_of(url) as client:
        login = client.post(LOGIN, json={"email": _ADMIN, "password": PASSWORD}).raise_for_status()
        document = client.get("/openapi.json").raise_for_status().json()
    # The tools would only end their own session.
    del document["paths"][LOGOUT]
    document["servers"] = [{"url": url}]
    file = folder / "openapi.json"
    file.write_text(json.dumps(document))
    return Target(url, file, login.json()["access_token"], _USER, PASSWORD)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--programs", type=Path, required=True, help="where sqlmap and wapiti are")
    parser.add_argument("--only", nargs="+", choices=_SCANS)
    parser.add_argument("--database", nargs="+", choices=DATABASES)
    parser.add_argument("--seconds", type=int, default=900, help="for each tool, at most")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
