"""How problem documents are documented."""

from typing import Any

import pytest

from support.answers import WORDS
from userapi.kit.errors import DomainError, InvalidInput, StoreUnavailable, all_domain_errors
from userapi.web.api import Api
from userapi.web.problem_schemas import ProblemSchema
from userapi.web.problems import FRAMEWORK_PROBLEMS, problem_example
from userapi.web.services import provided
from web.failing import Failing

pytestmark = pytest.mark.any_database

OUR_ERRORS = [error for error in all_domain_errors() if error.__module__.startswith("userapi.")]
OUR_CODES = {error.code for error in OUR_ERRORS} | {
    code for code, _, _ in FRAMEWORK_PROBLEMS.values()
}


def test_schema_has_the_members_of_the_document() -> None:
    assert ProblemSchema().fields.keys() == WORDS | {"status", "errors"}


@pytest.mark.parametrize("error", OUR_ERRORS, ids=lambda error: error.code)
def test_example_has_the_members_of_the_document(error: type[DomainError]) -> None:
    example: dict[str, Any] = problem_example(error, "/api/v1/users")

    assert ProblemSchema().validate(example) == {}
    assert ("errors" in example) == (error is InvalidInput)


@pytest.mark.parametrize("code", sorted(OUR_CODES))
def test_type_leads_to_an_explanation(failing: Failing, code: str) -> None:
    page = failing.client.get("/docs/errors").get_data(as_text=True)

    assert page.count(f'id="{code}"') == 1


def test_store_failure_is_documented_for_every_operation(failing: Failing) -> None:
    with failing.app.app_context():
        document = provided(Api).document()

    answers = [
        operation["responses"]
        for operations in document["paths"].values()
        for name, operation in operations.items()
        if name != "parameters"
    ]
    code = StoreUnavailable.code
    examples = [answer["503"]["content"].values() for answer in answers]
    assert all(code in media["examples"] for (media,) in examples)
