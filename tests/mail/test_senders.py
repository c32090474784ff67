import io
import stat
import uuid
from email.message import EmailMessage
from pathlib import Path

import pytest

from support.rows import NOON
from userapi.mail.message import MessageWriter
from userapi.mail.rendering import RenderedMail
from userapi.mail.senders import MailConsole, MailFolder, MailUndelivered, NoSender, text_of

ADA = "ada@example.com"


def message_of(writer: MessageWriter, number: int = 1) -> EmailMessage:
    rendered = RenderedMail(subject=f"Mail {number}", text="Grüße\n", html="<p>Grüße</p>\n")
    mail_id = uuid.UUID(int=number)
    return writer.write(rendered, mail_id=mail_id, recipient=ADA, caused_at=NOON)


def test_a_folder_keeps_what_was_sent(writer: MessageWriter, tmp_path: Path) -> None:
    folder = MailFolder(tmp_path / "mail")

    folder.send(message_of(writer), ADA)

    (kept,) = folder.newest(10)
    assert (kept["Subject"], kept["To"]) == ("Mail 1", "ada@example.com")
    assert text_of(kept) == "Grüße\n"


@pytest.mark.usefixtures("wide_umask")
def test_only_the_owner_may_read_it(writer: MessageWriter, tmp_path: Path) -> None:
    MailFolder(tmp_path / "mail").send(message_of(writer), ADA)

    (file,) = (tmp_path / "mail").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_a_mail_that_is_sent_twice_is_there_once(writer: MessageWriter, tmp_path: Path) -> None:
    folder = MailFolder(tmp_path)

    folder.send(message_of(writer), ADA)
    folder.send(message_of(writer), ADA)

    assert len(folder.newest(10)) == 1


def test_the_oldest_go(writer: MessageWriter, tmp_path: Path) -> None:
    folder = MailFolder(tmp_path, limit=3)

    for number in range(1, 6):
        folder.send(message_of(writer, number), ADA)

    assert [it["Subject"] for it in folder.newest(10)] == ["Mail 5", "Mail 4", "Mail 3"]
    assert len(list(tmp_path.iterdir())) == 3


def test_a_folder_that_cannot_be_written_to_may_be_later(
    writer: MessageWriter, tmp_path: Path
) -> None:
    (tmp_path / "mail").write_text("in the way")

    with pytest.raises(MailUndelivered, match="the file cannot be written: File exists"):
        MailFolder(tmp_path / "mail").send(message_of(writer), ADA)


def test_a_terminal_shows_the_text(writer: MessageWriter, tmp_path: Path) -> None:
    stream = io.StringIO()
    folder = MailFolder(tmp_path)

    MailConsole(folder, stream).send(message_of(writer), ADA)

    assert stream.getvalue() == "To: ada@example.com\nSubject: Mail 1\n\nGrüße\n\n"
    assert len(folder.newest(10)) == 1


def test_where_mail_is_off_what_waits_stays(writer: MessageWriter) -> None:
    with pytest.raises(MailUndelivered, match="mail is off"):
        NoSender().send(message_of(writer), ADA)


@pytest.mark.parametrize(
    "address", ["a@b.c\r\nBcc: x@y.z", "a@b.c, x@y.z", "Ada <a@b.c>", "a b@c.d"]
)
def test_an_address_that_is_not_one_is_no_header(writer: MessageWriter, address: str) -> None:
    rendered = RenderedMail(subject="x", text="", html="")

    with pytest.raises(ValueError, match=r".+"):
        writer.write(rendered, mail_id=uuid.uuid4(), recipient=address, caused_at=NOON)
