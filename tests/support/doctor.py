"""What `userapi doctor` tells of a test's application."""

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from unittest.mock import patch

from flask import Flask

from userapi.doctor import asking, examining


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
    with (
        # A busy machine takes its time.
        patch.object(examining, "PATIENCE", timedelta(seconds=60)),
        patch.object(asking, "SECONDS", 20),
    ):
        result = app.test_cli_runner().invoke(args=["doctor", "--json", *arguments])
    assert result.stderr == ""
    return Report(result.exit_code, json.loads(result.stdout))


def found(app: Flask, name: str, *arguments: str) -> list[str]:
    """Run one check on that application; return its findings as lines."""
    return examined(app, "--only", name, *arguments).lines(name)
