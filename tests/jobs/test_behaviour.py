"""What holds for jobs, whoever keeps them: the table of ours, or procrastinate."""

from datetime import timedelta

import pytest

from jobs.offices import Office
from userapi.jobs.retries import MAX_ATTEMPTS
from userapi.kit.jobs import JobFailed
from userapi.outbox.service import JobStore
from userapi.web.services import provided

pytestmark = pytest.mark.parametrize(
    ("database", "engine"),
    [
        pytest.param("sqlite", "embedded", id="sqlite"),
        pytest.param("postgresql", "embedded", id="postgresql"),
        pytest.param("postgresql", "procrastinate", id="procrastinate"),
    ],
    indirect=True,
    scope="session",
)

HOUR = timedelta(hours=1)


def fail() -> None:
    message = "the letter box of ada@example.com is full"
    raise OSError(message)


def fail_for_good() -> None:
    message = "there is no such street"
    raise JobFailed(message)


def test_what_was_left_is_done_once_and_with_its_payload(office: Office) -> None:
    office.leave("one", "two")

    office.work()
    office.work()

    assert sorted(str(key) for key in office.sent()) == ["one", "two"]
    assert (office.waiting(), office.dead()) == ([], [])


def test_what_is_rolled_back_is_never_done(office: Office) -> None:
    with office.transaction() as (_, later):
        later.put("letter", "one", {"letter": "one"})

    office.work()

    assert (office.sent(), office.waiting()) == ([], [])


def test_what_is_not_committed_yet_is_not_done(office: Office) -> None:
    with office.transaction() as (tx, later):
        later.put("letter", "one", {"letter": "one"})
        assert office.waiting() == []
        tx.commit()

    assert office.waiting() == ["one"]


def test_a_second_one_does_nothing_while_the_first_one_waits(office: Office) -> None:
    office.leave("one")
    with office.transaction() as (tx, later):
        later.put("letter", "one", {"letter": "again"})
        later.put("letter", "two", {"letter": "two"})
        tx.commit()

    office.work()

    assert sorted(str(key) for key in office.sent()) == ["one", "two"]


def test_what_was_done_can_be_left_anew(office: Office) -> None:
    office.leave("one")
    office.work()

    office.leave("one")
    office.work()

    assert office.sent() == ["one", "one"]


def test_what_is_being_done_is_not_left_twice(office: Office) -> None:
    office.leave("one")
    office.letters.before_sending = lambda: office.leave("one")

    office.work()

    assert (office.sent(), office.waiting()) == (["one"], [])


def test_what_is_due_later_waits(office: Office) -> None:
    office.leave("one", due_in=HOUR)

    office.work()
    assert (office.sent(), office.waiting()) == ([], ["one"])

    office.make_due()
    office.work()
    assert (office.sent(), office.waiting()) == (["one"], [])


def test_what_fails_waits_and_is_tried_again(office: Office) -> None:
    office.leave("one", "two")
    office.letters.before_sending = fail

    office.work()
    assert (office.sent(), office.waiting(), office.dead()) == ([], ["one", "two"], [])

    office.letters.before_sending = lambda: None
    office.work()
    assert office.sent() == []

    office.make_due()
    office.work()
    assert sorted(str(key) for key in office.sent()) == ["one", "two"]
    assert office.letters.given_up == []


def test_what_fails_for_good_is_given_up_at_once(office: Office) -> None:
    office.leave("one")
    office.letters.before_sending = fail_for_good

    office.work()

    assert (office.waiting(), office.dead()) == ([], ["one"])
    assert office.letters.given_up == [{"letter": "one"}]


@pytest.mark.parametrize("failures", [0, 1])
def test_nothing_is_kept_of_what_need_not_be(office: Office, failures: int) -> None:
    with office.transaction() as (tx, later):
        later.put("postcard", "one", {"letter": "one"})
        tx.commit()
    if failures:
        office.letters.before_sending = fail_for_good

    office.work()

    assert len(office.letters.given_up) == failures
    assert len(office.sent()) == 1 - failures
    assert office.count("postcard") == 0


def test_what_has_failed_for_a_day_is_given_up(office: Office) -> None:
    office.leave("one")
    office.letters.before_sending = fail
    office.wear(MAX_ATTEMPTS - 1)

    office.work()

    assert (office.waiting(), office.dead()) == ([], ["one"])
    assert office.letters.given_up == [{"letter": "one"}]


def test_what_ends_every_worker_is_given_up_unrun(office: Office) -> None:
    office.leave("one")
    office.wear(MAX_ATTEMPTS)

    office.work()

    assert (office.sent(), office.dead()) == ([], ["one"])


def test_what_was_given_up_can_be_left_anew(office: Office) -> None:
    office.leave("one")
    office.letters.before_sending = fail_for_good
    office.work()
    office.letters.before_sending = lambda: None

    office.leave("one")
    office.work()

    assert office.sent() == ["one"]


def test_each_failure_is_one_line_without_what_it_was_about(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    office.leave("a-secret-key")
    office.letters.before_sending = fail

    office.work()

    (line,) = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert line.startswith(
        "a job of the kind letter failed (attempt 1, to be tried again): "
        "OSError at jobs/test_behaviour.py:"
    )
    assert "ada@example.com" not in caplog.text
    assert "a-secret-key" not in caplog.text


def test_the_dead_are_listed_and_tried_again(office: Office) -> None:
    runner = office.app.test_cli_runner()
    office.leave("one")
    office.letters.before_sending = fail_for_good
    office.work()
    office.letters.before_sending = lambda: None

    (line,) = runner.invoke(args=["jobs", "list"]).output.splitlines()
    job_id, _, *told = line.split(maxsplit=3)
    assert told[0] == "letter"
    result = runner.invoke(args=["jobs", "retry", job_id])
    assert result.output == "The job letter one will be tried again.\n"
    office.work()

    assert (office.sent(), office.dead()) == (["one"], [])
    assert runner.invoke(args=["jobs", "list"]).output == "No job was given up.\n"


def test_nothing_that_is_not_dead_is_tried_again(office: Office) -> None:
    result = office.app.test_cli_runner().invoke(args=["jobs", "retry", "7"])

    assert (result.exit_code, result.output) == (
        1,
        "Error: no job with that id was given up; see: userapi jobs list\n",
    )


def test_the_tables_of_procrastinate_are_none_of_the_migrations(office: Office) -> None:
    result = office.app.test_cli_runner().invoke(args=["db", "check"])

    assert result.exit_code == 0, result.output


def test_what_waits_and_what_was_given_up_is_counted(office: Office) -> None:
    office.leave("one", "two")
    office.letters.before_sending = fail_for_good
    office.work()
    office.leave("three")
    office.leave("four", due_in=HOUR)

    with office.app.app_context():
        (letters,) = (it for it in provided(JobStore).backlog_by_kind() if it.kind == "letter")

    assert (letters.waiting, letters.dead) == (2, 2)
    assert timedelta() <= letters.overdue < HOUR


def test_what_is_due_later_is_not_overdue(office: Office) -> None:
    office.leave("one", due_in=HOUR)

    with office.app.app_context():
        (letters,) = (it for it in provided(JobStore).backlog_by_kind() if it.kind == "letter")

    assert (letters.waiting, letters.dead) == (1, 0)
    assert letters.overdue <= timedelta()
