"""What `userapi doctor` tells of a test's application."""

import json
from dataclasses import dataclass
from typing import Any

from flask import Flask


@dataclass(frozen=True)
class Report:
    """The object that was printed, and the status."""

    status: int
    printed: dict[str, Any]

    def lines(self, name: str) -> list[str]:
        """Return what was found under a name: verdict, what was seen and what to do, in a line."""
        (found,) = [check for check in self.printed["checks"] if check["name"] == name]
        return [
            " | ".join(filter(None, (it["verdict"], it["told"], it["mend"])))
            for it in found["findings"]
        ]


def examined(app: Flask, *arguments: str) -> Report:
    """Run the command on that application."""
    result = app.test_cli_runner().invoke(args=["doctor", "--json", *arguments])
    assert result.stderr == ""
    return Report(result.exit_code, json.loads(result.stdout))


def found(app: Flask, name: str, *arguments: str) -> list[str]:
    """Run one check on that application; return its findings as lines."""
    return examined(app, "--only", name, *arguments).lines(name)
