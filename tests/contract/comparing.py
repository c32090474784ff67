"""What the tests use of oasdiff, which compares two documents."""

import os

import pytest

from releasing import Refused
from releasing.contract import oasdiff


def need_oasdiff() -> None:
    """Without oasdiff the test cannot run."""
    try:
        oasdiff()
    except Refused as refusal:
        if os.environ.get("CI") == "true":
            pytest.fail(str(refusal), pytrace=False)
        pytest.skip(str(refusal))
