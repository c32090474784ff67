"""Secrets: strong ones, weak ones, those that development keeps, and tokens that are stored.

A stored token has one shape: a prefix that tells what it is for, and 256 random bits. Only its
digest is kept, and the plain token is shown to nobody but its owner.
"""

import hashlib
import hmac
import json
import os
import secrets
from pathlib import Path

from userapi.kit.entropy import chance_in
from userapi.kit.files import make_private_folder, restrict_to_owner

SECRET_MIN_BYTES = 32
_WANTED_BITS = 128
# What a generator makes looks like so many fewer once in 2**32 times: all that it makes passes.
_BITS_OF_LUCK = 32
# Words that chance all but never puts into a random secret.
_PLACEHOLDERS = (
    "change",
    "example",
    "insert",
    "placeholder",
    "replace",
    "secret",
    "your-",
    "your_",
    "your ",
)


def derived_key(secret: str, purpose: str) -> bytes:
    """Return a key for one purpose: it tells nothing of `secret`, nor of any other key."""
    return hmac.new(secret.encode(), purpose.encode(), hashlib.sha256).digest()


def new_secret() -> str:
    """Return a random secret with 384 bits of entropy."""
    return secrets.token_urlsafe(48)


def new_token(prefix: str) -> str:
    """Return a random token with 256 bits of entropy: `prefix` and 43 characters for URLs."""
    return prefix + secrets.token_urlsafe(32)


def token_digest(token: str) -> str:
    """Return the SHA-256 of a token in hex: what is stored of it, and what it is found by.

    It is fast, and that is safe: nobody can try 2**256 tokens.
    """
    return hashlib.sha256(token.encode()).hexdigest()


def secret_weakness(secret: str) -> str | None:
    """Say what is wrong with a secret; None when nothing is."""
    if len(secret.encode()) < SECRET_MIN_BYTES:
        return f"is too short: it must have at least {SECRET_MIN_BYTES} bytes"
    if any(word in secret.lower() for word in _PLACEHOLDERS):
        return "looks like a placeholder"
    maximum, estimated = chance_in(secret)
    if maximum < _WANTED_BITS or estimated < _WANTED_BITS - _BITS_OF_LUCK:
        return f"can be guessed: it must hold {_WANTED_BITS} bits of chance, not words or a pattern"
    return None


def load_or_create_secrets(path: Path, names: tuple[str, ...]) -> dict[str, str]:
    """Return the secrets kept in the file `path`, which is made when it is missing.

    Only its owner may read it. Processes that start together agree on one content: the file
    appears whole, and the first one to make it wins. Raises `ValueError` when it is damaged.
    """
    if not path.exists():
        make_private_folder(path.parent)
        draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
        draft.touch(mode=0o600)
        draft.write_text(json.dumps({name: new_secret() for name in names}), encoding="utf-8")
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    restrict_to_owner(path)
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        found = {name: str(kept[name]) for name in names}
    except (KeyError, TypeError, ValueError):
        found = {}
    if not found or any(secret_weakness(secret) for secret in found.values()):
        message = f"{path} is damaged"
        raise ValueError(message)
    return found
