"""`userapi doctor`: whether everything is as it should be."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click
from flask import Flask
from flask.cli import ScriptInfo

from userapi.cli.exposure import dangers_of
from userapi.command_line import CommandOnAnySettings
from userapi.config.settings import Settings
from userapi.container import FeatureList
from userapi.db.migrations import Migrations
from userapi.kit.diagnoses import Diagnosis, Finding, Verdict, ok
from userapi.web.services import provided

if TYPE_CHECKING:
    from userapi.doctor.examining import Examination

_DATABASE = ("DATABASE_", "TEST_DATABASE_URL", "INSTANCE_PATH")


@click.command(cls=CommandOnAnySettings)
@click.option("--only", "names", multiple=True, metavar="NAME", help="Only that check; repeatable.")
@click.option("--url", help="Where clients find the service: asked through the proxies, too.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object, for programs.")
@click.option("--strict", is_flag=True, help="Let warnings fail, too.")
@click.pass_context
def doctor(
    context: click.Context, *, names: Sequence[str], url: str | None, as_json: bool, strict: bool
) -> None:
    """Look whether everything is as it should be.

    It looks at configuration, database, migrations, keys, mail, proxies, clock, disk and more, at
    each for 5 seconds at most, and writes nothing. What is wrong is told with what to do about it.
    The status is 1 where something failed.
    """
    from userapi.doctor.reports import gravest, json_of, text_of  # noqa: PLC0415 - see serve

    examinations = _examinations(context, names, url)
    click.echo(json_of(examinations) if as_json else text_of(examinations))
    bad = {Verdict.FAILED, Verdict.WARNING} if strict else {Verdict.FAILED}
    context.exit(int(gravest(examinations) in bad))


def _examinations(
    context: click.Context, names: Sequence[str], url: str | None
) -> "list[Examination]":
    from userapi.doctor.examining import Examination, examine, finding_of  # noqa: PLC0415 - as above

    if url is not None and not urlsplit(url).hostname:
        message = "--url must be a URL such as https://api.example.com"
        raise click.UsageError(message)
    try:
        app = context.ensure_object(ScriptInfo).load_app()
    except click.ClickException as error:
        return [Examination("configuration", [finding_of(error)], 0.0)]
    with app.app_context():
        settings = provided(Settings)
        diagnoses = [*_diagnoses(app, settings, url)]
    known = list(dict.fromkeys(one.name for one in diagnoses))
    unknown = [name for name in names if name not in known]
    if unknown:
        message = f"there is no check {unknown[0]}; there are {', '.join(known)}"
        raise click.UsageError(message)
    chosen = [one for one in diagnoses if not names or one.name in names]
    return examine(app, chosen, settings.problems)


def _diagnoses(app: Flask, settings: Settings, url: str | None) -> Iterator[Diagnosis]:
    """Yield what belongs to no feature, and then what the features bring."""
    from userapi.doctor import configuration, machine, proxies  # noqa: PLC0415 - as above

    features = provided(FeatureList)
    look = partial(configuration.configuration_findings, settings)
    yield Diagnosis(name="configuration", look=look)
    yield from _database_diagnoses(app, settings)
    yield Diagnosis(
        name="proxies",
        look=partial(proxies.proxy_findings, settings, url and url.rstrip("/")),
        needs=("TRUSTED_PROXIES", "PUBLIC_URL", "ROOT_PATH", "HOST"),
    )
    yield Diagnosis(name="disk", look=partial(machine.disk_findings, settings), needs=_DATABASE)
    for feature in features:
        yield from feature.diagnoses
    look = partial(_check_findings, features)
    yield Diagnosis(name="features", look=look, needs=_DATABASE, asks_database=True)


def _database_diagnoses(app: Flask, settings: Settings) -> Iterator[Diagnosis]:
    from userapi.doctor import configuration, database  # noqa: PLC0415 - as above

    engine = app.extensions["sqlalchemy"].engine
    yield Diagnosis(
        name="database",
        look=partial(database.database_findings, engine, settings),
        needs=_DATABASE,
    )
    asking: list[tuple[str, Callable[[], Iterator[Finding]]]] = [
        ("migrations", partial(database.migration_findings, provided(Migrations))),
        ("clock", partial(database.clock_findings, engine)),
    ]
    for name, look in asking:
        yield Diagnosis(name=name, look=look, needs=_DATABASE, asks_database=True)
    yield Diagnosis(
        name="configuration",
        look=lambda: configuration.exposure_findings(dangers_of(settings)),
        needs=(*_DATABASE, "HOST"),
        asks_database=True,
    )


def _check_findings(features: FeatureList) -> Iterator[Finding]:
    """Yield what `serve` refuses by, of features that bring no diagnoses of their own."""
    checked = [feature for feature in features if feature.checks and not feature.diagnoses]
    for feature in checked:
        for check in feature.checks:
            check()
        yield ok(f"{feature.name} is ready to be served")
