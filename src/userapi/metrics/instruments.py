"""The metrics that each process records in files; all labels are of bounded sets.

They are made once in a process, after `config.inherited.leave_metrics_folder`.
"""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, values
from prometheus_client.values import MultiProcessValue

_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Instruments:
    """The metrics of the process in a slot.

    A slot is of one living process at a time: its files are continued by the next one, so that
    counts never fall and there are no more files than there were processes at once.
    """

    def __init__(self, slot: int) -> None:
        # Instead of the process's id, of which each new process has another.
        values.ValueClass = MultiProcessValue(lambda: slot)  # type: ignore[no-untyped-call] # the library is
        self._registry = CollectorRegistry()
        self.requests = self._counter(
            "userapi_requests", "Answers by operation and status.", "operation", "status"
        )
        self.durations = Histogram(
            "userapi_request_duration_seconds",
            "How long requests took, the wait in the server's queue included.",
            ("operation",),
            registry=self._registry,
            buckets=_BUCKETS,
        )
        self.logins = self._counter("userapi_logins", "Log-ins by result.", "result")
        self._add_load()

    def _add_load(self) -> None:
        """Make what tells of the server, of the pools and of the queue of hashes."""
        self.processes = self._gauge("userapi_processes", "Processes that serve.")
        self.connections = self._gauge("userapi_connections", "Connections of clients.")
        self.waiting = self._gauge(
            "userapi_requests_waiting", "Complete requests that no thread has begun."
        )
        self.pool_in_use = self._gauge(
            "userapi_database_pool_in_use", "Database connections that are being used.", "pool"
        )
        self.pool_kept = self._gauge(
            "userapi_database_pool_size",
            "Database connections that the pools keep at most.",
            "pool",
        )
        self.pool_overflow = self._gauge(
            "userapi_database_pool_overflow",
            "Database connections that are open beyond those.",
            "pool",
        )
        self.pool_limit = self._gauge(
            "userapi_database_pool_limit", "Database connections that can be open at most.", "pool"
        )
        self.pool_waits = self._counter(
            "userapi_database_pool_waits",
            "How often somebody had to wait for a connection.",
            "pool",
        )
        self.hashing_running = self._gauge(
            "userapi_password_hashing_running", "Passwords that are being hashed."
        )
        self.hashing_waiting = self._gauge(
            "userapi_password_hashing_waiting", "Requests that wait to have a password hashed."
        )
        self.hashing_refused = self._counter(
            "userapi_password_hashing_refused",
            "Requests that found no place to wait, or none soon.",
        )

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(name, text, labels, registry=self._registry)

    def _gauge(self, name: str, text: str, *labels: str) -> Gauge:
        return Gauge(name, text, labels, registry=self._registry, multiprocess_mode="livesum")
