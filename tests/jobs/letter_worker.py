"""A worker that sends letters: `python letter_worker.py URL FOLDER ENGINE`.

A letter is sent when its key stands in the file `FOLDER/sent`. Whoever dies is soon missed.
"""

import os
import sys
import time
from datetime import timedelta
from pathlib import Path

from support.applications import application, settings_for_testing
from userapi.cli.worker import stopped_by_signals, worker_of
from userapi.container import Feature
from userapi.jobs import cluster
from userapi.kit.jobs import JobHandler, Payload

LEASE = timedelta(seconds=3)
SENDING_SECONDS = 0.02


def main(url: str, folder: str, engine: str) -> None:
    """Send letters until told to stop."""
    cluster.HEARTBEAT_SECONDS = 1
    cluster.STALLED_SECONDS = 3
    cluster.EVERY_MINUTE = "* * * * * */1"  # every second
    sent = os.open(Path(folder) / "sent", os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def send(letter: Payload) -> None:
        time.sleep(SENDING_SECONDS)
        os.write(sent, f"{letter['letter']}\n".encode())

    handler = JobHandler(kind="letter", run=send, lease=LEASE)
    settings = settings_for_testing(url, Path(folder), JOBS=engine)
    with (
        application(settings, Feature(name="letters", jobs=(handler,))) as app,
        stopped_by_signals() as stop,
    ):
        print("ready", flush=True)  # noqa: T201 - for whoever started it
        worker_of(app).run(stop)


if __name__ == "__main__":
    main(*sys.argv[1:])
