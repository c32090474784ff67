"""When a server has begun to serve."""

from types import SimpleNamespace
from typing import Any

import pytest

from userapi.cli.arbiter import Arbiter

pytestmark = pytest.mark.any_database


@pytest.mark.parametrize(
    ("serving", "all_are"),
    [((), False), ((True,), False), ((True, False), False), ((True, True), True)],
)
def test_a_server_serves_when_all_its_processes_do(
    serving: tuple[bool, ...], *, all_are: bool
) -> None:
    workers = {pid: SimpleNamespace(is_serving=serves) for pid, serves in enumerate(serving)}
    master: Any = SimpleNamespace(WORKERS=workers, _num_workers=2)

    assert Arbiter.are_all_serving(master) is all_are
