"""How each tool is run, and what of its report is a finding."""

import csv
import json
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from support.paths import LOGIN, READY

_SLOW_KINDS = {"H": "slow heads", "B": "slow bodies", "X": "slow readers"}
_SLOW_CLIENTS = 500
_FOUND_BY_SQLMAP = (
    "is vulnerable",
    "appears to be injectable",
    "identified the following injection",
)
_GUESSES = 150
_WAPITI_MODULES = (
    "backup,cookieflags,crlf,csp,csrf,exec,file,http_headers,methods,redirect,sql,ssrf,timesql,xss,"
    "xxe"
)


@dataclass(frozen=True)
class Target:
    """A service to attack: its document, an administrator's token, and an account to guess."""

    url: str
    document: Path
    token: str
    email: str
    password: str

    @property
    def authorization(self) -> str:
        """The header of an administrator."""
        return f"Authorization: Bearer {self.token}"


@dataclass(frozen=True)
class Scanner:
    """Where the tools are, where they write, and for how many seconds each may run."""

    programs: Path
    folder: Path
    seconds: int

    def sqlmap(self, target: Target) -> Iterator[str]:
        """Inject SQL into each parameter, field and header of each operation."""
        told = self._run(
            "sqlmap",
            f"--openapi={target.document}",
            f"--headers={target.authorization}",
            *("--batch", "--disable-coloring", "--flush-session", "--technique=BEUST"),
            *("--level=2", "--risk=2", "--time-sec=3", f"--output-dir={self.folder / 'sqlmap'}"),
        )
        for line in told.splitlines():
            if any(words in line for words in _FOUND_BY_SQLMAP):
                yield f"sqlmap: {line}"

    def wapiti(self, target: Target) -> Iterator[str]:
        """Try what its modules know on each operation."""
        report = self.folder / "wapiti.json"
        self._run(
            "wapiti",
            *("-u", f"{target.url}/", "--swagger", str(target.document)),
            *("-H", target.authorization, "-m", _WAPITI_MODULES, "--flush-session"),
            *("--max-scan-time", str(self.seconds), "--store-session", str(self.folder / "wapiti")),
            *("-f", "json", "-o", str(report)),
        )
        found: dict[str, Any] = json.loads(report.read_text())
        for kind in ("vulnerabilities", "anomalies"):
            for name, entries in found[kind].items():
                for entry in entries:
                    yield f"wapiti: {name}: {entry['method']} {entry['path']}: {entry['info']}"

    def slowhttptest(self, target: Target) -> Iterator[str]:
        """Open 500 slow connections of each kind, and ask beside them."""
        for flag, kind in _SLOW_KINDS.items():
            report = self.folder / f"slow-{flag}"
            self._run(
                "slowhttptest",
                *(f"-{flag}", "-c", str(_SLOW_CLIENTS), "-r", "200", "-i", "5", "-p", "3"),
                *("-l", str(min(60, self.seconds)), "-g", "-o", str(report)),
                *("-u", f"{target.url}{READY}"),
            )
            rows = list(csv.DictReader(report.with_suffix(".csv").open()))
            refused = [row["Seconds"] for row in rows if row["Service Available"] == "0"]
            if refused or not rows:
                yield f"slowhttptest: {kind}: not available after {', '.join(refused)} seconds"

    def hydra(self, target: Target) -> Iterator[str]:
        """Guess a password: the right one is the last of many."""
        words = self.folder / "words"
        guesses = [f"wrong guess {number}" for number in range(_GUESSES)]
        words.write_text("\n".join([*guesses, target.password]))
        host, _, port = target.url.removeprefix("http://").partition(":")
        body = r'{"email"\:"^USER^","password"\:"^PASS^"}'
        form = rf"{LOGIN}:{body}:H=Content-Type\: application/json:S=access_token"
        told = self._run(
            "hydra",
            *("-l", target.email, "-P", str(words), "-s", port, "-t", "4", "-I"),
            *(host, "http-post-form", form),
        )
        for line in told.splitlines():
            if f"login: {target.email}" in line:
                yield f"hydra: {line}"

    def _run(self, name: str, *arguments: str) -> str:
        """Run a tool to its end, within its time; return what it says."""
        own = self.programs / name
        program = str(own) if own.exists() else shutil.which(name)
        if program is None:
            message = f"{name} is missing; install it with apt-get install {name}"
            raise SystemExit(message)
        log = self.folder / f"{name}.log"
        with log.open("a") as output:
            run_within(self.seconds + 30, [program, *arguments], output)
        return log.read_text(errors="replace")


def run_within(seconds: int, command: Sequence[str], output: Any) -> None:
    """Run a command, and end it when it takes longer."""
    try:
        subprocess.run(  # noqa: S603 - tools of ours to start
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        print(f"  {Path(command[0]).name} was ended after {seconds} seconds", file=output)
