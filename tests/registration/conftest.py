"""What the tests of registration share."""

import pytest
from flask import Flask

from userapi.registration.services.admissions import PrivateAdmission
from userapi.registration.services.holders import AddressHolders
from userapi.registration.services.registration import RegistrationService
from userapi.registration.services.waiting import WaitingRegistrations
from userapi.web.services import provided


@pytest.fixture
def private(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have registrations wait for proof, as with `REGISTRATION=private`."""
    with app.app_context():
        admission = PrivateAdmission(
            holders=provided(AddressHolders), waiting=provided(WaitingRegistrations)
        )
        monkeypatch.setattr(provided(RegistrationService), "_admission", admission)
