import re

import pytest

import userapi.app  # noqa: F401 - imports every feature, and so every error
from userapi.kit.errors import (
    DomainError,
    FieldError,
    InvalidInput,
    Kind,
    NotAllowed,
    all_domain_errors,
)

ERRORS = [error for error in all_domain_errors() if error.__module__.startswith("userapi.")]


def test_an_error_reads_as_its_public_explanation() -> None:
    assert str(NotAllowed()) == NotAllowed.detail


def test_invalid_input_names_every_mistake() -> None:
    mistakes = [
        FieldError("required", "Needed.", pointer="/email"),
        FieldError("range", "Too high.", parameter="page"),
    ]

    assert InvalidInput(mistakes).errors == tuple(mistakes)


def test_errors_of_the_kit_and_of_the_features_are_found() -> None:
    codes = {error.code for error in ERRORS}

    assert {"invalid-input", "not-allowed", "store-unavailable", "email-taken"} <= codes


def test_errors_are_ordered_by_code() -> None:
    codes = [error.code for error in ERRORS]

    assert codes == sorted(codes)


def test_no_two_errors_share_a_code() -> None:
    def below(error: type[DomainError]) -> list[type[DomainError]]:
        return [error, *(deeper for child in error.__subclasses__() for deeper in below(child))]

    ours = [error for error in below(DomainError) if error.__module__.startswith("userapi.")]
    codes = [error.code for error in ours if "code" in vars(error)]

    assert len(codes) == len(set(codes))


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: error.code)
def test_every_error_explains_itself(error: type[DomainError]) -> None:
    assert error.kind in Kind
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", error.code)
    assert error.title
    assert not error.title.endswith(".")
    assert error.detail.endswith(".")
