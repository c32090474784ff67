import gc
from collections.abc import Iterator

import pytest

from userapi.kit.collector import loading


@pytest.fixture(autouse=True)
def unfrozen() -> Iterator[None]:
    yield
    gc.unfreeze()


def test_nothing_is_collected_while_a_program_is_loaded() -> None:
    with loading():
        assert not gc.isenabled()

    assert gc.isenabled()


def test_what_was_loaded_is_not_looked_at_again() -> None:
    before = gc.get_freeze_count()
    with loading():
        loaded: list[list[str]] = [[] for _ in range(100)]

    assert gc.get_freeze_count() >= before + len(loaded)


def test_it_goes_on_after_what_cannot_be_loaded() -> None:
    with pytest.raises(ImportError), loading():
        raise ImportError

    assert gc.isenabled()


def test_who_has_none_gets_none() -> None:
    gc.disable()
    try:
        with loading():
            pass

        assert not gc.isenabled()
    finally:
        gc.enable()
