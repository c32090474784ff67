"""S37: a name in a path leads out of the folder that it is looked up in, or to a device.

As in CVE-2025-66221 and CVE-2026-27199.
"""

import pytest
from flask.testing import FlaskClient

from posts.samples import POSTS
from support.answers import assert_problem
from support.paths import USERS

pytestmark = pytest.mark.any_database

NAMES = (
    *(".", "..", "../docs.py", "../../__init__.py", "..\\docs.py", "....//docs.py", "..;/docs.py"),
    *("%2e%2e/docs.py", "%2e%2e%2fdocs.py", "..%2fdocs.py", "..%5cdocs.py", "%252e%252e%252fdocs"),
    *("..%c0%afdocs.py", "..%ef%bc%8fdocs.py", "..\u2215docs.py", "\uff0e\uff0e/docs.py"),
    *("/etc/passwd", "//etc/passwd", "file:///etc/passwd", "C:\\windows\\win.ini", "C:docs.css"),
    *("\\\\host\\share\\docs.css", "~/.ssh/id_rsa", "docs.css/..", "docs.css/../docs.js"),
    *("docs.css\0", "docs.css\0.png", "docs.css%00", "docs.css ", "docs.css.", "docs.css/"),
    *("docs.css::$DATA", "docs.css;x", "DOCS.CSS", "docs.css~", ".docs.css", "docs.css\n"),
    *("NUL", "CON", "AUX.css", "COM1", "LPT1.js", "nul.docs.css", "CONIN$", "docs.css:NUL"),
    *("__init__.py", "docs.html", "index.html", "package.json", "docs", "*", "?", ""),
)


@pytest.mark.parametrize("folder", ["/docs/assets", USERS, f"{POSTS}", f"{USERS}/1"])
def test_s37_no_name_leads_anywhere_else(client: FlaskClient, folder: str) -> None:
    for name in NAMES:
        path = f"{folder}/{name}".encode().decode("latin-1")

        answer = client.get("/", environ_overrides={"PATH_INFO": path})

        assert_problem(answer, 404, "path-not-found")


def test_s37_the_right_name_is_served(client: FlaskClient) -> None:
    with client.get("/docs/assets/docs.css") as answer:
        assert (answer.status_code, answer.mimetype) == (200, "text/css")
