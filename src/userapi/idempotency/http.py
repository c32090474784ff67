"""Idempotency keys over HTTP, after draft-ietf-httpapi-idempotency-key-header.

An answer is kept as it was given, but not when another try may well be answered otherwise:
401, 429 and 5xx. What is kept of the request is an HMAC of its body: a plain hash of a
registration would be a fast hash of a password.

Whoever is not signed in shares a key with its own network only: it can neither take the key that
somebody elsewhere is going to use, nor guess what that one has sent.
"""

import hashlib
import hmac
import json
import re
from base64 import urlsafe_b64encode
from collections.abc import Callable
from http import HTTPStatus

from flask import Response, request

from userapi.idempotency.records import Answer, KeyedRequest, anonymous_caller, user_caller
from userapi.idempotency.service import IdempotencyService
from userapi.kit.errors import DomainError, FieldError, InvalidInput
from userapi.kit.principal import Principal
from userapi.kit.text import address_bucket
from userapi.web.problems import problem_response, status_of
from userapi.web.traits import HeaderParameter, ResponseHeader

KEY_PATTERN = r'^("[!#-\[\]-~]{1,255}"|[!#-\[\]-~]{1,255})$'
"""1 to 255 visible ASCII characters but " and \\; the draft's quotes are optional."""

IDEMPOTENCY_KEY = HeaderParameter(
    "IdempotencyKey",
    "Idempotency-Key",
    {
        "description": (
            "Makes it safe to send this again: for 24 hours, if the operator has not chosen "
            "another time, the same key with the same body gets the first answer again. The "
            "caller chooses it, at best a random UUID."
        ),
        "schema": {"type": "string", "pattern": KEY_PATTERN, "maxLength": 257},
        "example": "0b4e8a3c-5d1f-4c0a-9a53-6b1f6c3f1a2e",
    },
)
REPLAYED = ResponseHeader(
    "IdempotencyReplayed",
    "Idempotency-Replayed",
    {
        "description": "Present when this is the first answer again: nothing was done anew.",
        "schema": {
            "type": "string",
            "maxLength": 40,
            "pattern": "^[!-~]*$",
            "x-known-values": ["true"],
        },
        "example": "true",
    },
)

_KEY = re.compile(KEY_PATTERN[1:-1])
_NOT_KEPT = (HTTPStatus.UNAUTHORIZED, HTTPStatus.TOO_MANY_REQUESTS)
_NETWORK_LENGTH = 22  # 132 bits: no two networks have the same name
_KEPT_HEADERS = ("Accept", "Accept-Encoding", "Content-Type", "ETag", "Location")


class IdempotentRequests:
    """Answers requests with an idempotency key."""

    def __init__(self, *, runner: IdempotencyService, key: bytes) -> None:
        self._runner = runner
        self._key = key

    def answer(
        self, key: str, principal: Principal | None, perform: Callable[[], Response]
    ) -> Response:
        """Return what `perform` answers to the current request, or answered to it before.

        Raises `IdempotencyKeyReused`, `IdempotencyKeyInUse` or `AnswerWithdrawn`.
        """
        keyed = self._keyed(key, principal)
        answer = self._runner.run(keyed, lambda: _answer_to_store(perform))
        response = Response(answer.body, status=answer.status, headers=dict(answer.headers))
        if answer.is_replayed:
            response.headers[REPLAYED.name] = "true"
        return response

    def _keyed(self, key: str, principal: Principal | None) -> KeyedRequest:
        body = json.loads(request.get_data())
        # The same for every spelling of the same JSON.
        fingerprint = self._hmac(json.dumps(body, sort_keys=True)).hex()
        operation = f"{request.method} {request.path}"
        if principal is not None:
            caller = user_caller(principal.user_id)
            return KeyedRequest(caller, operation, key, fingerprint, user_id=principal.user_id)
        caller = anonymous_caller(self._network())
        return KeyedRequest(caller, operation, key, fingerprint, email=_email_in(body))

    def _network(self) -> str:
        """Return a name of the client's network that does not tell which it is."""
        digest = self._hmac(f"network:{address_bucket(request.remote_addr)}")
        return urlsafe_b64encode(digest).decode()[:_NETWORK_LENGTH]

    def _hmac(self, text: str) -> bytes:
        return hmac.new(self._key, text.encode(), hashlib.sha256).digest()


def idempotency_key() -> str | None:
    """Return the key of the current request, if it has one; raise `InvalidInput`."""
    given = request.headers.get(IDEMPOTENCY_KEY.name)
    if given is None:
        return None
    if not _KEY.fullmatch(given):
        detail = 'This must have 1 to 255 visible ASCII characters, without " and \\.'
        raise InvalidInput([FieldError("idempotency-key", detail, parameter=IDEMPOTENCY_KEY.name)])
    return given.strip('"')


def _email_in(body: object) -> str | None:
    email = body.get("email") if isinstance(body, dict) else None
    return email if isinstance(email, str) else None


def _answer_to_store(perform: Callable[[], Response]) -> Answer:
    try:
        response = perform()
    except DomainError as error:
        status = status_of(type(error))
        if status in _NOT_KEPT or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise
        response = problem_response(error)
    headers = {name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers}
    return Answer(response.status_code, headers, response.get_data(as_text=True))
