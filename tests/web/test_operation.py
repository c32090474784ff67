"""The facts of operations, and how a concern of one's own shows in the document and in CORS."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.views import MethodView

from userapi.kit.errors import NotAllowed, SessionEnded, StoreUnavailable
from userapi.kit.permissions import OwnerOr, Requires
from userapi.kit.principal import Principal, Role
from userapi.web.api import init_api
from userapi.web.authentication import ACCESS_TOKEN, bearer_token
from userapi.web.blueprint import Blueprint, operations_of
from userapi.web.cors import init_cors
from userapi.web.operation import Link, Operation, operation_of, record
from userapi.web.traits import HeaderParameter, ResponseHeader, Trait

MACHINE = bearer_token("machineAuth", "The key of a machine.")
TEXT = {"schema": {"type": "string"}}
TRACED = Trait(
    name="traced",
    parameters=(HeaderParameter("TraceParent", "Traceparent", TEXT),),
    headers=(
        ResponseHeader("TraceState", "Tracestate", TEXT),
        ResponseHeader("TraceCost", "Trace-Cost", TEXT, on_errors=True),
    ),
)
PREVIEWED = Trait(
    name="previewed",
    parameters=(HeaderParameter("Preview", "Preview", TEXT),),
    responses={203: "A preview."},
    reads_only=True,
)


def with_traits(function: Callable[..., Any]) -> Callable[..., Any]:
    """Record two concerns that the edge has never heard of."""
    record(function, Operation(traits=(TRACED, PREVIEWED)))
    return function


def blueprint() -> Blueprint:
    """Return a blueprint with a read and a write."""
    blp = Blueprint("things", description="Things.")

    @blp.route("/things")
    class Things(MethodView):
        @with_traits
        @blp.auth(rule=Requires(Role.MODERATOR), credentials=(ACCESS_TOKEN, MACHINE))
        @blp.response(204)
        @blp.doc(operationId="get_things")
        def get(self, principal: Principal) -> None:
            """Read things."""

        @with_traits
        @blp.auth(rule=OwnerOr(Role.ADMIN))
        @blp.response(204)
        @blp.doc(operationId="add_thing")
        def post(self, principal: Principal) -> None:
            """Add a thing."""

    return blp


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    """The document of an API with that blueprint alone."""
    return init_api(Flask(__name__), blueprint(), version="1").document()


def described(document: dict[str, Any], method: str) -> dict[str, Any]:
    operation: dict[str, Any] = document["paths"]["/api/v1/things"][method]
    return operation


def test_facts_add_up() -> None:
    both = Operation(problems=(NotAllowed,), links=(Link("a"),), traits=(TRACED,)).merged_with(
        Operation(problems=(NotAllowed, SessionEnded), links=(Link("b"),), takes_query=True)
    )

    assert both == Operation(
        problems=(NotAllowed, SessionEnded),
        links=(Link("a"), Link("b")),
        traits=(TRACED,),
        takes_query=True,
    )


def test_what_is_recorded_later_does_not_take_the_rule_away() -> None:
    rule = Requires(Role.ADMIN)

    assert Operation(access=rule).merged_with(Operation()).access == rule


def test_nothing_is_recorded_on_other_functions_that_share_the_facts() -> None:
    def first() -> None: ...

    def second() -> None: ...

    record(first, Operation(problems=(NotAllowed,)))
    second.__dict__.update(first.__dict__)  # as functools.wraps does
    record(second, Operation(problems=(StoreUnavailable,)))

    assert operation_of(first).problems == (NotAllowed,)
    assert operation_of(second).problems == (NotAllowed, StoreUnavailable)


def test_a_trait_is_found_by_its_class() -> None:
    class Special(Trait):
        """A trait of a concern."""

    special = Special(name="special")

    assert Operation(traits=(TRACED, special)).find_trait(Special) is special
    assert Operation(traits=(TRACED,)).find_trait(Special) is None


def test_an_operation_is_documented_with_the_credentials_that_it_takes(
    document: dict[str, Any],
) -> None:
    assert described(document, "get")["security"] == [{"bearerAuth": []}, {"machineAuth": []}]
    assert described(document, "post")["security"] == [{"bearerAuth": []}]
    assert set(document["components"]["securitySchemes"]) == {"bearerAuth", "machineAuth"}


def test_an_operation_is_documented_with_its_rule(document: dict[str, Any]) -> None:
    read, write = described(document, "get"), described(document, "post")

    assert (read["x-required-role"], read.get("x-owner-exempt")) == ("moderator", None)
    assert (write["x-required-role"], write.get("x-owner-exempt")) == ("admin", True)


def test_headers_of_a_trait_are_on_the_answers_that_they_name(document: dict[str, Any]) -> None:
    answers = described(document, "post")["responses"]

    assert all("Trace-Cost" in answer["headers"] for answer in answers.values())
    told = {status for status, answer in answers.items() if "Tracestate" in answer["headers"]}
    assert told == {"204"}


def test_a_trait_of_reads_is_nothing_for_a_write(document: dict[str, Any]) -> None:
    read, write = described(document, "get"), described(document, "post")

    assert read["responses"]["203"]["description"] == "A preview."
    assert "203" not in write["responses"]
    assert {"$ref": "#/components/parameters/Preview"} in read["parameters"]
    assert write["parameters"] == [{"$ref": "#/components/parameters/TraceParent"}]


def test_every_header_that_is_referred_to_is_a_component(document: dict[str, Any]) -> None:
    assert {"TraceState", "TraceCost", "RequestId"} <= set(document["components"]["headers"])
    assert set(document["components"]["parameters"]) == {"Preview", "TraceParent"}


def test_pages_of_other_origins_may_send_and_read_the_headers_of_traits() -> None:
    app = Flask(__name__)
    app.add_url_rule("/", view_func=lambda: "")
    init_cors(app, origins=("*",), allow_headers=(), operations=operations_of([blueprint()]))
    origin = {"Origin": "https://app.example.com"}
    asked = {"Access-Control-Request-Method": "GET"}
    wanted = {"Access-Control-Request-Headers": "traceparent, preview, other"}

    answer = app.test_client().get("/", headers=origin)
    preflight = app.test_client().options("/", headers=origin | asked | wanted)

    assert preflight.headers["Access-Control-Allow-Headers"].lower() == "preview, traceparent"
    exposed = answer.headers["Access-Control-Expose-Headers"].split(", ")
    assert {"Tracestate", "Trace-Cost"} <= set(exposed)
