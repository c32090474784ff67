"""The credential that sessions add to the access token."""

from userapi.web.authentication import bearer_token

REFRESH_TOKEN = bearer_token(
    "refreshAuth", "The refresh token of a login; only `/auth/refresh` and `/auth/logout` take it."
)
