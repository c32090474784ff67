"""What `make test` leaves to `make test-system`: the same once more, at another place."""

import pytest
from _pytest.mark import ParameterSet

__all__ = ["ParameterSet", "repeated"]


def repeated(value: str) -> ParameterSet:
    """Return a parameter whose tests repeat, elsewhere, what those of another one show."""
    return pytest.param(value, marks=pytest.mark.system)
