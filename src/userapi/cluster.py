"""Where procrastinate finds our jobs: `procrastinate --app=userapi.cluster.app worker`."""

from typing import Any

from userapi.app import build_app
from userapi.cli.cluster import cluster_app_of


def __getattr__(name: str) -> Any:
    """Return procrastinate's application for the process's environment, when it is asked for."""
    if name != "app":
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    return cluster_app_of(build_app())
