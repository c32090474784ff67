"""Sessions of users who did not have to log in: what most tests of requests begin with."""

from flask.testing import FlaskClient

from support.accounts import Account, Headers, bearer
from support.paths import LOGIN
from support.transactions import transaction_on
from userapi.audit.service import AuditTrail
from userapi.sessions.events import SessionEvent
from userapi.sessions.services.lifecycle import SessionOpener
from userapi.users.repository import UserRepository
from userapi.web.edge import name_request
from userapi.web.services import provided


def sign_in(client: FlaskClient, account: Account) -> Headers:
    """Open a session as a login does, but for the password and what is counted.

    Return the headers of the requests that follow.
    """
    app = client.application
    as_login = app.test_request_context(LOGIN, method="POST", environ_base=client.environ_base)
    with as_login:
        name_request()
        user = provided(UserRepository).get(account.id)
        assert user is not None
        with transaction_on(app.extensions["sqlalchemy"].session) as tx:
            sessions = provided(SessionOpener)
            opened = sessions.open(user, sessions.history_of(user.id))
            provided(AuditTrail).record(
                user.id,
                SessionEvent.CREATED,
                subject=user.id,
                object=opened.session_id,
                details={"device": "new"},
            )
            tx.commit()
    return bearer(opened.tokens.access_token)
