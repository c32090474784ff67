"""Addresses of every kind that RFC 5321 and RFC 5322 know, and what isemail says of them.

isemail (from npm) is the port of is_email, whose diagnoses are the classes here. Its package comes
without its tests; these addresses are our own. No two of them are one mailbox.
"""

import json
import shutil
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from flask.testing import FlaskClient

from support.accounts import REGISTRATION, register, try_login
from support.node import FOLDER, NEEDED, node_tool
from support.paths import ME

_PROGRAM = """
const { validate } = require("isemail");
const addresses = JSON.parse(require("fs").readFileSync(0, "utf8"));
const told = addresses.map((it) => [validate(it), validate(it, { errorLevel: true })]);
console.log(JSON.stringify(told));
"""

_DOMAIN_OF_189 = ".".join(["d" * 63, "e" * 63, "f" * 57, "com"])

USUAL = [
    "plain@example.com",
    "first.last@example.com",
    "first.middle.last@sub.example.com",
    "tag+news@example.com",
    "dash-ed@example.com",
    "under_score@example.com",
    "1234567890@example.com",
    "1@example.com",
    "!#$%&'*+/=?^_`{|}~-@example.com",
    "-@example.com",
    "UPPER.Case@EXAMPLE.com",
    "host@a-b.example.com",
    "host@1.example.com",
    "host@1a.example.com",
    "host@x.example.co.uk",
    "host@ac.me",
    "host@a.b.c.d.e.f.g.example.com",
    f"{'l' * 64}@example.com",
    f"host@{'d' * 63}.com",
    f"{'m' * 64}@{_DOMAIN_OF_189}",
    "alabel@xn--exmple-cua.de",
    "ulabel@bücher.example.com",
    "ulabel@пример.example.com",
    "ulabel@例え.example.com",
    "postmaster@example.museum",
]
QUOTED = [
    '"plain-quoted"@example.com',
    '"with space"@example.com',
    '"with@at"@example.com',
    r'"with\"quote"@example.com',
    r'"with\\backslash"@example.com',
    r'"need\less"@example.com',
    r'"need\ less"@example.com',
    '".dot first"@example.com',
    '".first"@example.com',
    '"last."@example.com',
    '"two..dots"@example.com',
    '"(comment)"@example.com',
    '"<angle>"@example.com',
    '"a,b;c:d"@example.com',
    '" "@example.com',
    '""@example.com',
    f'"{"q" * 64}"@example.com',
]
NAMES_OF_SPECIAL_USE = [
    "user@localhost",
    "user@sub.localhost",
    "user@example.test",
    "user@example.local",
    "user@example.invalid",
    "user@example.onion",
    "user@2.0.192.in-addr.arpa",
    "user@site.example",
]
BARE_HOSTS_AND_LITERALS = [
    "user@com",
    "user@a",
    "user@example.123",
    "user@123.123.123.123",
    "user@[192.0.2.1]",
    "user@[255.255.255.255]",
    "user@[IPv6:2001:db8::1]",
    "user@[IPv6:::]",
    "user@[IPv6:2001:db8::192.0.2.1]",
    "user@[IPv6:1111:2222:3333:4444:5555:6666:7777:8888]",
    "user@[IPv6:1111:2222:3333:4444:5555:6666::8888]",
    "user@[IPv6:1111:2222:3333:4444:5555:6666:7777]",
    "user@[IPv6:1111:2222:3333:4444:5555:6666:7777:8888:9999]",
    "user@[IPv6:1111:2222:3333:4444:5555:6666:7777:888G]",
    "user@[IPv6:1111::4444:5555::8888]",
    "user@[IPv6::1111:2222]",
    "user@[IPv6:1111:2222:]",
    "user@[IPv6:1111:2222:3333:4444:5555:6666:7777::8888]",
    "user@[192.0.2.256]",
    "user@[192.0.2]",
    "user@[anything]",
    "user@[a\\\x01b]",
    "user@[a[b]",
    "user@[192.0.2.1",
    "user@[192.0.2.1].com",
    "user@[192.0.2.1]a",
]
BEYOND_ASCII = [
    "bücher@example.com",
    "пример@example.com",
    '"bücher"@example.com',
    "dotless@ex\u0131mple.com",
    "long@\u017fpam.example.com",
    "wide@\uff45xample.com",
    "stop@example\u3002com",
    "kelvin@\u212aate.com",
    "shy@exam\u00adple.com",
    "mixed@\u0661a.com",
    "heart@\u2665.example.com",
]
COMMENTS_AND_SPACES = [
    "user(comment)@example.com",
    "(comment)user@example.com",
    "user@(comment)example.com",
    "user@example.com(comment)",
    "user@example(comment).com",
    "(a(nested)comment)user@example.com",
    " user@example.com",
    "user@example.com ",
    "user @example.com",
    "user@ example.com",
    "us er@example.com",
    "\r\n user@example.com",
    "\r\n \r\n user@example.com",
    "user@example.com\r\n ",
    "user@example.com\r\n",
    "\r\n\r\n user@example.com",
    "user\r@example.com",
    "user@example.com\n",
    "\tuser@example.com",
    "(comment\x01)user@example.com",
    "(comment\\\x01)user@example.com",
    "(comment",
    "user(comment@example.com",
    "(comment\\",
    "(\x80)user@example.com",
]
OBSOLETE = [
    'first."last"@example.com',
    '"first".last@example.com',
    '"first"."last"@example.com',
    '"con\x01trol"@example.com',
    '"con\\\x01trol"@example.com',
    '"del\x7f"@example.com',
    '"tab\t"@example.com',
    '"folded\r\n "@example.com',
    "first . last@example.com",
]
TOO_LONG = [
    f"{'l' * 65}@example.com",
    f"host@{'d' * 64}.com",
    f"{'n' * 64}@d{_DOMAIN_OF_189}",
    f"host@{'.'.join(['d' * 63] * 4)}.com",
    f"host@{'a.' * 126}com",
    '"' + "x\\\\" * 32 + '"@example.com',
]
BROKEN = [
    "",
    " ",
    "@",
    "user",
    "user@",
    "@example.com",
    "us\0er@example.com",
    "user@exam\0ple.com",
    ".user@example.com",
    "user.@example.com",
    "us..er@example.com",
    "user@.example.com",
    "user@example..com",
    "user@example.com.",
    "user@-example.com",
    "user@example-.com",
    "user@exa_mple.com",
    "user@exam!ple.com",
    "user@@example.com",
    "user@host@example.com",
    "user@ex--ample.com",
    "user@ab--cd.com",
    "user@xn--zzzzzzzzzz99999.com",
    '"user@example.com',
    'user"@example.com',
    '"us"er@example.com',
    '"us""er"@example.com',
    '"us\\"@example.com',
    'us"er"@example.com',
    "us\\er@example.com",
    "us,er@example.com",
    "us;er@example.com",
    "us<er@example.com",
    "<user@example.com>",
    "User <user@example.com>",
    "mailto:user@example.com",
    "user@example.com, other@example.com",
    "user@example.com\\",
    "user(c)x@example.com",
    "user@example(c)x.com",
    "\x01@example.com",
    "user@\x7f.com",
]

ADDRESSES: Sequence[str] = [
    *USUAL,
    *QUOTED,
    *NAMES_OF_SPECIAL_USE,
    *BARE_HOSTS_AND_LITERALS,
    *BEYOND_ASCII,
    *COMMENTS_AND_SPACES,
    *OBSOLETE,
    *TOO_LONG,
    *BROKEN,
]


@dataclass(frozen=True, slots=True)
class Opinion:
    """What isemail says of an address: whether one may send to it, and its diagnosis."""

    accepts: bool
    diagnosis: int


def opinions_of_isemail(addresses: Iterable[str]) -> list[Opinion]:
    """Ask isemail about these addresses."""
    node_tool("tsc")  # without the tools the test cannot run
    node = shutil.which("node")
    assert node is not None, NEEDED
    done = subprocess.run(
        [node, "-e", _PROGRAM],
        input=json.dumps(list(addresses)),
        cwd=FOLDER,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return [Opinion(accepts, diagnosis) for accepts, diagnosis in json.loads(done.stdout)]


def registered(client: FlaskClient, addresses: Iterable[str]) -> Mapping[str, str]:
    """Register each address over HTTP; return those that are taken, with what is read back."""
    answers = {address: register(client, email=address) for address in addresses}
    refused = [it for it in answers.values() if it.status_code != 201]
    assert {it.status_code for it in refused} <= {400}, [it.get_json() for it in refused]
    return {
        address: answer.get_json()["email"]
        for address, answer in answers.items()
        if answer.status_code == 201
    }


def read_back_after_login(client: FlaskClient, address: str) -> str:
    """Log in with that spelling; return the address that the API tells then."""
    tokens = try_login(client, address, REGISTRATION["password"]).get_json()
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    email: str = client.get(ME, headers=headers).get_json()["email"]
    return email
