"""The contract under random requests, in short; `make contract` does the same at length."""

import threading

import pytest

from contract.fuzzing.callers import Caller
from contract.fuzzing.long_pass import Combination
from contract.fuzzing.run import fuzz, seeded_database
from contract.fuzzing.service import runs_on
from contract.fuzzing.settings import Effort
from support.databases import Server

pytestmark = pytest.mark.long

EFFORT = Effort(seed=1, examples=1, walks=10)


@pytest.mark.parametrize(
    ("database", "caller"),
    [
        pytest.param("sqlite", Caller.ANONYMOUS, marks=pytest.mark.system),
        pytest.param("sqlite", Caller.USER, marks=pytest.mark.system),
        pytest.param("postgresql", Caller.ADMIN, marks=pytest.mark.system),
    ],
    indirect=["database"],
)
def test_the_service_keeps_its_contract_under_random_requests(
    server: Server, caller: Caller, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("fuzzing")

    with seeded_database(server, folder) as database_url:
        outcome = fuzz(database_url, folder, caller, EFFORT)

    assert outcome.faults == [], outcome.explanation()


@pytest.mark.system
def test_a_long_pass_that_is_stopped_ends_its_run() -> None:
    stopped = threading.Event()
    stopped.set()

    with runs_on({"sqlite"}, stopped) as run:
        outcome = run(Combination("sqlite", Caller.ADMIN), EFFORT)

    assert outcome.report is None
    assert "Shutting down: Master" in outcome.printed
