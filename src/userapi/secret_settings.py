"""The service's two secrets: those that are given, and those that are made up for the rest."""

from pathlib import Path

from userapi.kit.secrets import load_or_create_secrets, new_secret, secret_weakness
from userapi.kit.variables import VariableReader

_SECRETS = ("SECRET_KEY", "JWT_SECRET_KEY")
_MAKE_ONE = 'python3 -c "import secrets; print(secrets.token_urlsafe(48))"'


def read_secrets(
    reader: VariableReader, *, is_production: bool, signs_with_secret: bool
) -> dict[str, str]:
    """Read the secrets that are given; what is wrong is added to the reader's problems.

    Production needs them, `JWT_SECRET_KEY` only where tokens are signed with it.
    """
    given = {name: reader.text(name) for name in _SECRETS}
    for name, secret in given.items():
        weakness = secret_weakness(secret) if secret else "must be set in production"
        is_needed = name == "SECRET_KEY" or signs_with_secret
        if weakness and (secret or (is_production and is_needed)):
            reader.complain(name, f"{weakness}; make one with: {_MAKE_ONE}")
    if is_production and given["SECRET_KEY"] and len(set(given.values())) == 1:
        reader.complain("JWT_SECRET_KEY", "must differ from SECRET_KEY")
    return given


def complete_secrets(given: dict[str, str], kept_in: Path | None) -> tuple[str, str]:
    """Return SECRET_KEY and JWT_SECRET_KEY; those not given are made up.

    What is made up is kept in the folder `kept_in`, or forgotten with the process where that
    is None. Raises `ValueError` when the kept ones are damaged, `OSError` for the folder.
    """
    secret_key, jwt_secret_key = given["SECRET_KEY"], given["JWT_SECRET_KEY"]
    if kept_in is None:
        return secret_key or new_secret(), jwt_secret_key or new_secret()
    if secret_key:
        return secret_key, jwt_secret_key or secret_key
    kept = load_or_create_secrets(kept_in / "development-secrets.json", _SECRETS)
    return kept["SECRET_KEY"], jwt_secret_key or kept["JWT_SECRET_KEY"]
