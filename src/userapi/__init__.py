"""userapi: a self-hosted, OpenAPI-first user and authentication API."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from userapi.app import create_app

__all__ = ["__version__", "create_app"]
__version__ = "0.2.0"


def __getattr__(name: str) -> Any:
    # Lazy (PEP 562): importing `userapi.kit` must not load Flask.
    if name == "create_app":
        from userapi.app import create_app  # noqa: PLC0415 - see above

        return create_app
    message = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(message)
