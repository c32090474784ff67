"""`userapi keys`: the keys that sign tokens."""

from datetime import datetime

import click
from flask.cli import AppGroup

from userapi.command_line import CommandWithoutInstance, with_error_handling
from userapi.tokens.errors import KeyRingNotEmpty, KeysAreFiles, NoKeyRing
from userapi.tokens.records import KeyRecord
from userapi.tokens.service import SigningKeyService
from userapi.web.services import provided

keys = AppGroup("keys", help="Make, change and retire the keys that sign tokens.")


@keys.command()
@click.option("--if-needed", is_flag=True, help="Do nothing when no key is needed.")
@with_error_handling
def generate(*, if_needed: bool) -> None:
    """Make the first key; it signs at once."""
    try:
        key = provided(SigningKeyService).generate()
    except (KeyRingNotEmpty, KeysAreFiles, NoKeyRing):
        if if_needed:
            return
        raise
    click.echo(f"Made the {key.algorithm} key {key.key_id}, which signs from now on.")


@keys.command()
@with_error_handling
def rotate() -> None:
    """Make a key that takes over from the present one.

    It signs when everybody can know it; the others go on verifying.
    """
    key = provided(SigningKeyService).rotate()
    click.echo(
        f"Made the {key.algorithm} key {key.key_id}, which signs from {_moment(key.activates_at)}."
    )


@keys.command("list", cls=CommandWithoutInstance)
@with_error_handling
def list_keys() -> None:
    """List every key and what it does; retired ones too."""
    ring = provided(SigningKeyService).list()
    for key in ring:
        click.echo(_line(key))
    if not ring:
        click.echo("There is no key.")


@keys.command()
@click.argument("key_id", metavar="KID")
@with_error_handling
def retire(key_id: str) -> None:
    """End the key KID.

    Within 10 seconds its tokens are refused everywhere.
    """
    provided(SigningKeyService).retire(key_id)
    click.echo(f"Retired the key {key_id}; its tokens are refused within 10 seconds.")


def _line(key: KeyRecord) -> str:
    since = {"made": key.created_at, "signs from": key.activates_at, "retired": key.retired_at}
    times = [f"{name} {_moment(time)}" for name, time in since.items() if time is not None]
    names = [_printable(key.key_id), _printable(key.algorithm)]
    return "  ".join([*names, f"{key.state:<9}", *times]).rstrip()


def _printable(name: str) -> str:
    """Return a text that somebody else may have stored, without line ends and terminal codes."""
    return name.encode("unicode_escape").decode()


def _moment(time: datetime | None) -> str:
    return "" if time is None else f"{time:%Y-%m-%d %H:%M:%S} UTC"
