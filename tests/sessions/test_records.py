import pytest

from userapi.kit.user_agents import user_agent_description

WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_1 like Mac OS X)"


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        (f"Mozilla/5.0 (X11; Linux x86_64) {WEBKIT} Chrome/120.0.0.0", "Chrome 120 on Linux"),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:121.0) Gecko/20100101 Firefox/121.0",
            "Firefox 121 on Windows 10",
        ),
        (
            f"{IPHONE} {WEBKIT} Version/17.1 Mobile/15E148 Safari/604.1",
            "Mobile Safari 17 on iOS 17",
        ),
        ("curl/8.5.0", "curl 8"),
    ],
)
def test_a_known_user_agent_is_told_in_words(user_agent: str, words: str) -> None:
    assert user_agent_description(user_agent) == words


def test_an_unknown_user_agent_is_told_as_it_is() -> None:
    assert user_agent_description("the-garden-gate/3") == "the-garden-gate/3"


@pytest.mark.parametrize("user_agent", ["x" * 401, f"Chrome/{'1' * 300}.0"])
def test_words_have_an_end(user_agent: str) -> None:
    words = user_agent_description(user_agent)

    assert len(words) == 80
    assert words.endswith("…")
