"""S36: a body of very many mistakes costs more than its length, and is answered at length.

As in CVE-2025-68480.
"""

import json
import time

import pytest
from flask.testing import FlaskClient

from support.answers import assert_problem
from support.paths import LOGIN

pytestmark = pytest.mark.any_database


def mistakes(count: int) -> bytes:
    """Return a body of so many unknown fields."""
    return json.dumps(dict.fromkeys(map("{:x}".format, range(count)), 1)).encode()


def cost_of(client: FlaskClient, body: bytes) -> float:
    """Return the seconds of processor time that a body takes, at the best of three times."""
    times = []
    for _ in range(3):
        started = time.process_time()
        client.post(LOGIN, data=body, content_type="application/json")
        times.append(time.process_time() - started)
    return min(times)


def test_s36_very_many_mistakes_get_a_short_answer(client: FlaskClient) -> None:
    answer = client.post(LOGIN, data=mistakes(90_000), content_type="application/json")

    assert len(assert_problem(answer, 400, "invalid-input")["errors"]) == 50
    assert len(answer.data) < 10_000


def test_s36_mistakes_cost_no_more_than_their_number(client: FlaskClient) -> None:
    few, many = cost_of(client, mistakes(5_000)), cost_of(client, mistakes(20_000))

    # Four times as many; were the cost quadratic, it would be sixteen times as much.
    assert many < 8 * few
