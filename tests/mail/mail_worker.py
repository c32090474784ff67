"""A worker that sends mail: `python mail_worker.py URL FOLDER SMTP_PORT`.

Whoever dies is soon missed, and what failed is soon tried again.
"""

import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from support.applications import application, settings_for_testing
from support.processes import PRODUCTION_SECRETS
from userapi import features
from userapi.cli.worker import stopped_by_signals, worker_of
from userapi.container import Feature
from userapi.jobs import retries
from userapi.mail.feature import FEATURE

LEASE = timedelta(seconds=3)
WAIT = timedelta(seconds=0.5)


def impatient() -> Feature:
    """Return the feature whose jobs are nobody's after a short time."""
    jobs = [replace(handler, lease=LEASE) for handler in FEATURE.jobs]
    return replace(FEATURE, jobs=jobs)


def main(url: str, folder: str, port: str) -> None:
    """Send mails until told to stop."""
    retries.FIRST_WAIT = retries.LONGEST_WAIT = WAIT
    ours = features.FEATURES
    chosen = (impatient() if it is FEATURE else it for it in ours)
    features.FEATURES = tuple(chosen)  # type: ignore[assignment] # the same, one changed
    settings = settings_for_testing(
        url, Path(folder), SMTP_PORT=port, SECRET_KEY=PRODUCTION_SECRETS["SECRET_KEY"]
    )
    with application(settings) as app, stopped_by_signals() as stop:
        print("ready", flush=True)  # noqa: T201 - for whoever started it
        worker_of(app).run(stop)


if __name__ == "__main__":
    main(*sys.argv[1:])
