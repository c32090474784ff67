"""What the worker deletes every hour: whatever was stored for long enough."""

import logging
from datetime import timedelta

from userapi.container import FeatureList
from userapi.jobs.outcomes import name_of
from userapi.kit.batches import unreported
from userapi.kit.jobs import JobHandler, Payload
from userapi.web.services import provided

_log = logging.getLogger(__name__)


def sweep(_: Payload) -> None:
    """Run the purges of all features, but those of the tables' owner; none keeps out the others."""
    for feature in provided(FeatureList):
        for purge in feature.purges:
            if purge.by_owner:
                continue
            try:
                deleted = purge.delete(unreported)
            except Exception as error:  # noqa: BLE001 - whatever a purge raises
                _log.warning("the sweep of %s failed: %s", purge.name, name_of(error))
            else:
                if deleted:
                    _log.info("%s: %d deleted", purge.name, deleted)


SWEEP = JobHandler(kind="sweep", run=sweep, lease=timedelta(hours=1), is_hourly=True)
