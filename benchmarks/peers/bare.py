"""Flask alone: what a route costs that returns bytes that are there already."""

import os
from pathlib import Path

from flask import Flask, Response
from timeouts import TIMEOUTS

app = Flask(__name__)
app.config.update(TIMEOUTS)
_BODIES = {file.stem: file.read_bytes() for file in Path(os.environ["BODIES"]).glob("*.json")}


@app.get("/<name>")
def body(name: str) -> Response:
    """Return bytes that the service answered."""
    return Response(_BODIES[name], mimetype="application/json")


@app.get("/ready")
def ready() -> str:
    """Say that it answers."""
    return "ready"
