"""Flask and argon2 alone: what a log-in costs that only verifies a password."""

from argon2 import PasswordHasher
from flask import Flask, request
from timeouts import TIMEOUTS

from userapi.kit.passwords import STANDARD_COST

app = Flask(__name__)
app.config.update(TIMEOUTS)
_HASHER = PasswordHasher(
    time_cost=STANDARD_COST.time_cost,
    memory_cost=STANDARD_COST.memory_cost,
    parallelism=STANDARD_COST.parallelism,
)
_HASH = _HASHER.hash("correct horse battery")


@app.post("/login")
def login() -> dict[str, bool]:
    """Verify the password that was sent."""
    return {"is_right": _HASHER.verify(_HASH, request.get_json()["password"])}


@app.get("/ready")
def ready() -> str:
    """Say that it answers."""
    return "ready"
