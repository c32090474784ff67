"""What another process does with the same database."""

from flask import Flask
from sqlalchemy import create_engine, insert

from support.applications import engine_of
from userapi.users.models import User


def add_user_at_once(app: Flask, email: str = "stranger@example.com") -> int:
    """Commit a user, and wait for nobody on SQLite; return the id."""
    url = engine_of(app).url
    engine = create_engine(url, connect_args={"timeout": 0} if url.drivername == "sqlite" else {})
    values = {"email": email, "password_hash": "!", "first_name": "Ada", "last_name": "Lovelace"}
    try:
        with engine.begin() as connection:
            made = connection.execute(insert(User).returning(User.id), values)
            return int(made.scalar_one())
    finally:
        engine.dispose()
