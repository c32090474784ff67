"""`userapi mail`: what was sent, what waits, and what failed."""

import uuid

import click
from flask.cli import with_appcontext

from userapi.command_line import with_error_handling
from userapi.kit.clock import timestamp
from userapi.kit.text import printable
from userapi.mail.records import LIST_LENGTH, MailRecord, MailState
from userapi.mail.services.administration import MailAdministration
from userapi.web.services import provided


@click.group("mail")
def mail() -> None:
    """Show mails, and try again those that failed."""


@mail.command("list", help=f"List the newest mails, at most {LIST_LENGTH}; never what they say.")
@click.option(
    "--state",
    type=click.Choice([state.value for state in MailState]),
    help="Only those in that state.",
)
@with_appcontext
@with_error_handling
def list_mails(state: str | None) -> None:
    """List the newest mails."""
    wanted = None if state is None else MailState(state)
    records = provided(MailAdministration).list(wanted)
    for record in records:
        click.echo(_line_of(record))
    if not records:
        click.echo("There is no such mail." if wanted else "There is no mail.")


@mail.command("retry")
@click.argument("mail_id", metavar="[ID]", type=click.UUID, required=False)
@click.option("--all-failed", is_flag=True, help="Every mail that failed.")
@with_appcontext
@with_error_handling
def retry(mail_id: uuid.UUID | None, *, all_failed: bool) -> None:
    """Have the mail ID, or all that failed, sent again.

    That is at once. Those whose links have expired are not sent any more.
    """
    if (mail_id is None) is not all_failed:
        message = "name one ID, or give --all-failed"
        raise click.UsageError(message)
    count = provided(MailAdministration).retry(mail_id)
    if mail_id is not None and not count:
        message = f"no mail {mail_id} has failed and could be sent still"
        raise click.ClickException(message)
    click.echo(f"{count} to be sent again.")


def _line_of(record: MailRecord) -> str:
    words = [
        str(record.id),
        f"{record.state:7}",
        timestamp(record.created_at),
        f"{record.template} to {printable(record.recipient, 254)}",
    ]
    if record.attempts:
        words.append(f"attempts: {record.attempts}")
    if record.last_error:
        words.append(f"last error: {printable(record.last_error, 200)}")
    return "  ".join(words)
