"""Who calls while the contract is fuzzed."""

from enum import StrEnum

from contract.operations import Operation


class Caller(StrEnum):
    """A kind of caller; `user` and `admin` are accounts that `userapi seed-db` makes."""

    ANONYMOUS = "anonymous"
    USER = "user"
    ADMIN = "admin"


LOGINS = {
    Caller.USER: {"email": "user1@example.com", "password": "password123"},
    Caller.ADMIN: {"email": "admin@example.com", "password": "admin123"},
}
_FOR_ADMINS = {
    "bulk_update_users",
    "cancel_import",
    "create_import",
    "create_invitation",
    "create_user",
    "delete_user",
    "export_users",
    "get_import",
    "get_invitation",
    "get_stats",
    "list_audit_events",
    "list_import_refusals",
    "list_imports",
    "list_invitations",
    "list_user_devices",
    "list_user_sessions",
    "reset_user_password",
    "restore_user",
    "revoke_invitation",
    "revoke_user_device",
    "revoke_user_session",
    "revoke_user_sessions",
    "set_user_email",
    "set_user_role",
    "unlock_user",
    "upload_import",
}
_FOR_OWNERS = {"update_user"}  # a user who is no admin must happen upon their own id
_FOR_GUESSERS = {
    "add_import_part",  # nobody guesses the id of one that waits for parts
    "change_email",  # nobody guesses the current password
    "change_password",  # nobody guesses the current one
    "close_own_account",  # nor here
    "reset_password",  # nor the token of a mail
    "revoke_user_device",  # a known device and its user must come together
    "undo_email_change",
    "verify_email",
    "revoke_user_session",  # a live session and its user must come together
}


def may_succeed(caller: Caller, operation: Operation) -> bool:
    """Say whether that caller's request can be answered with 2xx."""
    if caller is Caller.ANONYMOUS:
        return not operation.facts["security"]
    return caller is Caller.ADMIN or operation.name not in _FOR_ADMINS


def must_succeed(caller: Caller, operation: Operation) -> bool:
    """Say whether one of many requests by that caller is certainly answered with 2xx."""
    is_luck = caller is Caller.USER and operation.name in _FOR_OWNERS
    is_rare = operation.name in _FOR_GUESSERS
    return may_succeed(caller, operation) and not is_luck and not is_rare


def label(operation: Operation) -> str:
    """Return what schemathesis calls the operation."""
    return f"{operation.method} {operation.path}"
