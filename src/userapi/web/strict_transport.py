"""HSTS: browsers that have been here insist on HTTPS from then on."""

from datetime import timedelta

from flask import Flask, Response


def init_strict_transport(app: Flask, *, lifetime: timedelta, subdomains: bool) -> None:
    """Have every answer of `app` ask browsers for HTTPS, for that long (RFC 6797)."""
    policy = f"max-age={int(lifetime.total_seconds())}"
    if subdomains:
        policy += "; includeSubDomains"

    def add(response: Response) -> Response:
        response.headers["Strict-Transport-Security"] = policy
        return response

    app.after_request(add)
