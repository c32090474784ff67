"""The mails that there are, which values each takes, and who can cause it.

Strangers can cause some of them: whoever types an address into a form. These count together but for
one, and greet nobody by name, because the name is what the stranger typed. The others count each by
itself: however often one is caused, another one, which warns, comes through.
"""

from dataclasses import dataclass

JOB = "mail"
"""The kind of job that sends a mail."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A mail: the values that it must be given, and those that it may be given.

    `tells_origin` is false where an administrator causes it, whose address is nobody's business.
    """

    needs_link: bool = False
    values: frozenset[str] = frozenset()
    optional: frozenset[str] = frozenset()
    strangers_cause_it: bool = False
    tells_origin: bool = True


TEMPLATES = {
    "email-verification": Template(needs_link=True, strangers_cause_it=True),
    "registration-verification": Template(needs_link=True, strangers_cause_it=True),
    "address-taken": Template(strangers_cause_it=True),
    "password-reset": Template(needs_link=True, strangers_cause_it=True),
    "password-reset-by-admin": Template(needs_link=True, tells_origin=False),
    "password-reset-after-undo": Template(needs_link=True),
    "email-change": Template(
        needs_link=True, values=frozenset({"account"}), strangers_cause_it=True
    ),
    "invitation": Template(needs_link=True, tells_origin=False),
    "account-created": Template(needs_link=True, tells_origin=False),
    "email-changed": Template(),
    "email-corrected": Template(tells_origin=False),
    "password-changed": Template(),
    "role-changed": Template(values=frozenset({"role"}), tells_origin=False),
    "new-sign-in": Template(),
    "account-closed": Template(optional=frozenset({"restorable_until", "undo_until"})),
    "account-restored": Template(tells_origin=False),
}
"""Every mail by its template's name."""

ANYWHERE = frozenset({"at", "address", "user_agent"})
"""Values of every mail: when and where it was caused. `Mailer` adds those that are not given."""

UNKNOWN_ORIGIN = {"address": "", "user_agent": ""}
"""Values of a mail that an administrator causes, and that others could have caused themselves."""

CAUSED_BY_STRANGERS = frozenset(
    name for name, template in TEMPLATES.items() if template.strangers_cause_it
)
"""The mails that greet nobody by name."""

COUNTED_TOGETHER = CAUSED_BY_STRANGERS - {"password-reset"}
"""Those that count together.

The way back into an account counts by itself: whoever uses that up has filled the mailbox with
links that lead there.
"""

CAUSED_BY_OWNERS = frozenset(
    name
    for name, template in TEMPLATES.items()
    if template.tells_origin and not template.strangers_cause_it
)
"""The mails that whoever is signed in to an account can cause."""

TOLD_TO_NOBODY = frozenset({"email-change"})
"""The mails that whoever causes them must not see listed.

Where somebody else has the address there is another mail, to that one: which of them was left tells
whether there is such an account.
"""


def ensure_sound(template: str, values: frozenset[str], *, has_link: bool) -> None:
    """Raise `ValueError` for a mail that its template could not be rendered for."""
    known = TEMPLATES.get(template)
    if known is None:
        message = f"there is no template {template}"
        raise ValueError(message)
    if missing := known.values - values:
        message = f"{template} needs the values {', '.join(sorted(missing))}"
        raise ValueError(message)
    if unknown := values - known.values - known.optional - ANYWHERE:
        message = f"{template} takes no values {', '.join(sorted(unknown))}"
        raise ValueError(message)
    if known.needs_link and not has_link:
        message = f"{template} needs a link"
        raise ValueError(message)
