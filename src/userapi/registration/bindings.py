"""What the link of a change of address depends on."""

from userapi.one_time_tokens.records import binding_of


def change_binding(email: str, password_hash: str) -> str:
    """Return what the link is bound to: once address or password has changed, it is void."""
    return binding_of("email-change", email, password_hash)
