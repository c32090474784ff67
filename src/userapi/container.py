"""What a feature brings, what it is given, and how all of them are built: once per application."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar, cast

import click
from flask import Flask

from userapi.config.secrets import SecretSettings
from userapi.config.settings import Settings
from userapi.db.base import Base
from userapi.db.branches import Branch
from userapi.db.clock import DatabaseClock, DatabaseNow
from userapi.db.session import Database, ScopedSession
from userapi.db.unit_of_work import UnitOfWork
from userapi.kit.batches import Report
from userapi.kit.clock import Clock, utc_now
from userapi.kit.credentials import Credentials
from userapi.kit.diagnoses import Diagnosis
from userapi.kit.events import Event
from userapi.kit.jobs import JobHandler
from userapi.kit.personal_data import PersonalData
from userapi.kit.secrets import derived_key
from userapi.kit.transaction import PrincipalLock
from userapi.web.blueprint import Blueprint
from userapi.web.edge import current_client_info

T = TypeVar("T")


class WiringError(click.ClickException):
    """The features do not fit together; the message names the part and the feature.

    Every command shows it without a traceback.
    """


@dataclass(frozen=True, slots=True)
class Implements(Generic[T]):
    """A part that a feature offers under a protocol, to be asked for by that protocol's name."""

    protocol: type[T]
    part: T


class Shared:
    """What every feature is given: the database, the clocks, the settings and what others built."""

    def __init__(
        self,
        *,
        settings: Settings,
        database: Database,
        clock: Clock = utc_now,
        database_clock: DatabaseClock = DatabaseNow,
        parts: Mapping[type, object] | None = None,
    ) -> None:
        self.settings = settings
        self.database = database
        self.clock = clock
        self.database_clock = database_clock
        self.client_info = current_client_info
        self._parts: dict[type, object] = dict(parts or {})
        self._late: dict[type, _Late] = {}
        self._askers: dict[type, str] = {}
        self.builder = "the transaction"
        self.transaction = UnitOfWork(session=database.session, callers=self.late(PrincipalLock))

    @property
    def db(self) -> ScopedSession:
        """The SQLAlchemy session, for repositories."""
        return self.database.session

    def derived_key(self, purpose: str) -> bytes:
        """Return a key for one purpose, derived from `SECRET_KEY`."""
        return derived_key(self.settings.of(SecretSettings).secret_key, purpose)

    def get(self, kind: type[T]) -> T:
        """Return what a feature further down has built, by its type.

        Raises `WiringError` when it does not exist yet: it comes later in the list, or never.
        """
        try:
            return cast("T", self._parts[kind])
        except KeyError:
            message = f"{kind.__name__} is not built yet: the feature that builds it comes later"
            raise WiringError(message) from None

    def late(self, protocol: type[T]) -> T:
        """Return what stands for a protocol that a feature further up implements.

        It may be called once everything is built; that somebody implements it is checked then.
        """
        self._askers.setdefault(protocol, self.builder)
        return cast("T", self._late.setdefault(protocol, _Late()))

    def add(self, part: object) -> None:
        """Keep a part under its type, or under the protocol that it implements."""
        kind, built = (
            (part.protocol, part.part) if isinstance(part, Implements) else (type(part), part)
        )
        if kind in self._parts:
            message = f"{kind.__name__} is built twice"
            raise WiringError(message)
        self._parts[kind] = built

    def parts(self) -> dict[type, object]:
        """Return everything that was built, by its type, after binding what was asked for early.

        Raises `WiringError` for a protocol that nobody implements.
        """
        for protocol, late in self._late.items():
            if protocol not in self._parts:
                name = protocol.__name__
                message = (
                    f"no feature implements {name}, which {self._askers[protocol]} asks for; "
                    f"add the feature that yields Implements({name}, ...)"
                )
                raise WiringError(message)
            late.bind(protocol, self._parts[protocol])
        return dict(self._parts)


class _Late:
    """Stands for a part until it is built, and has the methods of its protocol afterwards."""

    def bind(self, protocol: type, part: object) -> None:
        for name in (it for it in vars(protocol) if not it.startswith("_")):
            if not hasattr(part, name):
                message = f"{type(part).__name__} implements {protocol.__name__} without {name}"
                raise WiringError(message)
            setattr(self, name, getattr(part, name))

    def __getattr__(self, name: str) -> Any:
        message = f"{name} was asked for while the application was being built"
        raise WiringError(message)


@dataclass(frozen=True, slots=True)
class Purge:
    """Something that is deleted when it has been stored for long enough.

    `delete` tells the report after each batch and returns how many there were, `count` how many
    there are. With `by_owner` only the tables' owner deletes it, with `userapi purge`.
    """

    name: str
    delete: Callable[[Report], int]
    count: Callable[[], int]
    by_owner: bool = False


@dataclass(frozen=True, slots=True)
class MigrationBranch:
    """A feature's own branch of Alembic migrations: its label and the folder of its versions."""

    label: str
    folder: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """The manifest: all that a feature brings.

    `build` yields its parts, each found by its type or the protocol that it `Implements`. `init`
    adds what is no operation: `pages` are its paths. `checks` raise what the operator has to do;
    `diagnoses` are made by `userapi doctor`.
    """

    name: str
    blueprint: Blueprint | None = None
    build: Callable[[Shared], Iterable[object]] = lambda _: ()
    init: Callable[[Flask, Mapping[type, Any]], None] = lambda _app, _parts: None
    pages: Sequence[str] = ()
    models: Sequence[type[Base]] = ()
    settings: Sequence[type] = ()
    events: type[Event] | None = None
    commands: Sequence[click.Command] = ()
    purges: Sequence[Purge] = ()
    credentials: Sequence[Credentials] = ()
    personal_data: Sequence[PersonalData] = ()
    jobs: Sequence[JobHandler] = ()
    checks: Sequence[Callable[[], None]] = ()
    diagnoses: Sequence[Diagnosis] = ()
    migrations: MigrationBranch | None = None

    def tables(self) -> Iterator[str]:
        """Yield the names of the tables of its models."""
        for model in self.models:
            yield str(model.__tablename__)


class FeatureList(tuple[Feature, ...]):
    """The features of an application, the lowest first."""

    __slots__ = ()

    def blueprints(self) -> list[Blueprint]:
        """Return the blueprints of those that have operations, in the order of the document."""
        blueprints = (feature.blueprint for feature in self if feature.blueprint is not None)
        return sorted(blueprints, key=lambda blueprint: blueprint.name)

    def personal_data(self) -> list[PersonalData]:
        """Return what is kept of users, the lowest feature's first."""
        return [data for feature in self for data in feature.personal_data]

    def branches(self) -> list[Branch]:
        """Return the branches of migrations of those that bring their own."""
        return [
            Branch(
                feature=feature.name,
                label=feature.migrations.label,
                folder=feature.migrations.folder,
                tables=frozenset(feature.tables()),
            )
            for feature in self
            if feature.migrations is not None
        ]

    def job_handlers(self) -> dict[str, JobHandler]:
        """Return what does jobs, by their kind."""
        return {handler.kind: handler for feature in self for handler in feature.jobs}

    def ensure_ready(self) -> None:
        """Run the checks of all features, in an application context."""
        for feature in self:
            for check in feature.checks:
                check()


def build_parts(features: Sequence[Feature], shared: Shared) -> dict[type, object]:
    """Build the parts of all features, in the order of the list; return them by type.

    Raises `WiringError`, naming the feature, when a part is missing or built twice.
    """
    for feature in features:
        shared.builder = f"the feature {feature.name}"
        try:
            for part in feature.build(shared):
                shared.add(part)
        except WiringError as error:
            message = f"{shared.builder}: {error}"
            raise WiringError(message) from None
    return shared.parts()
