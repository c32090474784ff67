"""Where the current request comes from."""

from flask import has_request_context, request

from userapi.kit.client_info import ClientInfo
from userapi.kit.text import printable
from userapi.web.request_id import request_id

ADDRESS_LENGTH = 44
"""How many characters are kept of an address: no valid one is longer, but a proxy may err."""

USER_AGENT_LENGTH = 400
"""How many characters are kept of what a client calls itself."""


def current_client_info() -> ClientInfo:
    """Return where the current request comes from; an empty origin outside a request."""
    if not has_request_context():
        return ClientInfo()
    address = printable(request.remote_addr or "", ADDRESS_LENGTH)
    user_agent = printable(request.headers.get("User-Agent", ""), USER_AGENT_LENGTH)
    return ClientInfo(
        request_id=request_id(), address=address or None, user_agent=user_agent or None
    )
