"""The lives of sessions and of their tokens fit into one another."""

from datetime import timedelta

import pytest

from userapi.config.settings import SettingsError
from userapi.features import load_settings
from userapi.sessions.settings import SessionSettings

DAY = 24 * 3600


@pytest.mark.parametrize(
    ("lives", "refused"),
    [
        ((600, 500, 1000), ["JWT_ACCESS_TOKEN_EXPIRES"]),
        ((600, 2000, 1000), ["SESSION_IDLE_EXPIRES"]),
        ((3000, 2000, 1000), ["SESSION_IDLE_EXPIRES", "JWT_ACCESS_TOKEN_EXPIRES"]),
        ((DAY * 8, DAY * 7, DAY * 30), ["JWT_ACCESS_TOKEN_EXPIRES"]),
    ],
)
def test_a_life_longer_than_what_it_is_a_part_of_is_refused(
    lives: tuple[int, int, int], refused: list[str]
) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings("testing", variables(lives))

    assert [problem.partition(":")[0] for problem in caught.value.problems] == refused


def test_equal_lives_are_taken() -> None:
    settings = load_settings("testing", variables((1000, 1000, 1000)))

    assert settings.of(SessionSettings).access_lifetime == timedelta(seconds=1000)


def variables(lives: tuple[int, int, int]) -> dict[str, str]:
    access, idle, absolute = map(str, lives)
    return {
        "JWT_ACCESS_TOKEN_EXPIRES": access,
        "SESSION_IDLE_EXPIRES": idle,
        "JWT_REFRESH_TOKEN_EXPIRES": absolute,
    }
