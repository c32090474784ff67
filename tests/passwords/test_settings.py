"""What the settings of new passwords may be."""

from pathlib import Path

import pytest

from config.loading import for_development, for_testing, problems_of
from userapi.passwords.settings import PasswordPolicySettings


@pytest.mark.parametrize(
    "url",
    [
        "https://api.pwnedpasswords.com/range/",
        "https://ranges.example:8443/",
        "http://127.0.0.1:8080/range/",
        "http://[::1]/",
        "http://localhost/range/",
    ],
)
def test_digits_can_be_added_to_a_safe_url(tmp_path: Path, url: str) -> None:
    settings = for_testing(tmp_path, PASSWORD_BREACH_CHECK_URL=url)

    assert settings.of(PasswordPolicySettings).breach_check_url == url


@pytest.mark.parametrize(
    "url",
    [
        "http://api.pwnedpasswords.com/range/",
        "https://api.pwnedpasswords.com/range",
        "https://ada:hunter22@ranges.example/",
        "https://ranges.example/?prefix=/",
        "https://ranges.example/#/",
        "https://ranges.example:port/",
        "https:///range/",
        "https://[::1/",
        "ftp://ranges.example/",
        "ranges",
    ],
)
def test_any_other_url_is_refused_and_not_shown(tmp_path: Path, url: str) -> None:
    problems = problems_of(
        "testing", {"INSTANCE_PATH": str(tmp_path), "PASSWORD_BREACH_CHECK_URL": url}
    )

    hint = "must be an https:// URL that ends with / (http:// on a loopback address only)"
    assert problems == (f"PASSWORD_BREACH_CHECK_URL: {hint}",)


@pytest.mark.parametrize("length", ["7", "65", "eight"])
def test_the_least_length_is_8_to_64(tmp_path: Path, length: str) -> None:
    problems = problems_of(
        "testing", {"INSTANCE_PATH": str(tmp_path), "PASSWORD_MIN_LENGTH": length}
    )

    assert [problem.partition(":")[0] for problem in problems] == ["PASSWORD_MIN_LENGTH"]


def test_what_is_easy_to_guess_is_refused_everywhere_but_under_test(tmp_path: Path) -> None:
    development = for_development(tmp_path).of(PasswordPolicySettings)
    testing = for_testing(tmp_path).of(PasswordPolicySettings)

    assert (development.refuses_guessable, testing.refuses_guessable) == (True, False)
    assert (development.min_length, development.breach_check_url) == (8, "")
