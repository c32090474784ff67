"""Secrets: kept where none are given, and never shown."""

import json
import stat
from pathlib import Path

import pytest

from config.loading import (
    PRODUCTION,
    STRONG,
    for_development,
    for_production,
    for_testing,
    problems_of,
)
from userapi.config.secrets import SecretSettings
from userapi.config.settings import SettingsError
from userapi.features import load_settings


def test_development_keeps_its_own_secrets(instance: Path) -> None:
    first, second = for_development(instance), for_development(instance)

    assert (
        len(first.of(SecretSettings).secret_key)
        == len(first.of(SecretSettings).jwt_secret_key)
        == 64
    )
    assert first.of(SecretSettings).secret_key != first.of(SecretSettings).jwt_secret_key
    assert (first.of(SecretSettings).secret_key, first.of(SecretSettings).jwt_secret_key) == (
        second.of(SecretSettings).secret_key,
        second.of(SecretSettings).jwt_secret_key,
    )


def test_two_installations_have_different_secrets(tmp_path: Path) -> None:
    assert (
        for_development(tmp_path / "a").of(SecretSettings).secret_key
        != for_development(tmp_path / "b").of(SecretSettings).secret_key
    )


def test_only_their_owner_may_read_the_kept_secrets(instance: Path) -> None:
    for_development(instance)

    (kept,) = instance.iterdir()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_the_token_secret_falls_back_to_the_given_secret_in_development(instance: Path) -> None:
    settings = for_development(instance, SECRET_KEY=STRONG)

    assert settings.of(SecretSettings).jwt_secret_key == STRONG


def test_the_token_secret_falls_back_to_nothing_in_testing(instance: Path) -> None:
    settings = for_testing(instance, SECRET_KEY=STRONG)

    assert settings.of(SecretSettings).secret_key == STRONG
    assert settings.of(SecretSettings).jwt_secret_key != STRONG


def test_a_given_token_secret_stands_beside_the_kept_one(instance: Path) -> None:
    settings = for_development(instance, JWT_SECRET_KEY=STRONG)

    assert settings.of(SecretSettings).jwt_secret_key == STRONG
    assert (
        settings.of(SecretSettings).secret_key
        == for_development(instance).of(SecretSettings).secret_key
    )


def test_testing_keeps_nothing(instance: Path) -> None:
    assert (
        for_testing(instance).of(SecretSettings).secret_key
        != for_testing(instance).of(SecretSettings).secret_key
    )
    assert not list(instance.glob("*secrets*"))


def test_an_instance_folder_that_cannot_be_made_is_one_problem(tmp_path: Path) -> None:
    file_in_the_way = tmp_path / "file"
    file_in_the_way.touch()

    (problem,) = problems_of("development", {"INSTANCE_PATH": str(file_in_the_way / "instance")})

    assert problem.startswith(f"INSTANCE_PATH: {file_in_the_way}/instance must be a folder")


@pytest.mark.parametrize("content", ["", "[]", '{"SECRET_KEY": "only one of two"}'])
def test_a_damaged_file_of_secrets_is_one_problem(instance: Path, content: str) -> None:
    for_development(instance)
    (kept,) = instance.iterdir()
    kept.write_text(content, encoding="utf-8")

    (problem,) = problems_of("development", {"INSTANCE_PATH": str(instance)})

    assert problem == f"SECRET_KEY: {kept} is damaged; delete it, and a new one is made"


def test_the_instance_folder_is_made_where_the_database_goes(instance: Path) -> None:
    for_development(instance, SECRET_KEY=STRONG)

    assert instance.is_dir()


def test_no_secret_is_in_the_representation() -> None:
    shown = repr(for_production())

    assert "port=5000" in shown
    assert not [secret for secret in (*PRODUCTION.values(), "hunter22") if secret in shown]


def test_no_value_is_in_the_error() -> None:
    variables = {
        "SECRET_KEY": "tooshort1",
        "JWT_SECRET_KEY": "changeme-0123456789-0123456789-0123456789",
        "DATABASE_URL": "mysql://app:hunter22@db.example/app",
    }

    with pytest.raises(SettingsError) as caught:
        load_settings("production", variables)

    shown = str(caught.value) + repr(caught.value)
    assert not [value for value in (*variables.values(), "hunter22") if value in shown]


def test_the_kept_secrets_are_plain_json(instance: Path) -> None:
    settings = for_development(instance)

    kept = json.loads((instance / "development-secrets.json").read_text(encoding="utf-8"))
    assert kept["SECRET_KEY"] == settings.of(SecretSettings).secret_key
