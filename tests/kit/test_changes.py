from dataclasses import dataclass

from userapi.kit.changes import UNSET, Unset, given_fields


@dataclass(frozen=True, slots=True)
class Changes:
    name: str | Unset = UNSET
    phone: str | Unset | None = UNSET


def test_without_changes_no_field_is_given() -> None:
    assert given_fields(Changes()) == {}


def test_a_field_with_a_value_is_given() -> None:
    assert given_fields(Changes(name="Ada")) == {"name": "Ada"}


def test_none_is_a_value_like_any_other() -> None:
    assert given_fields(Changes(phone=None)) == {"phone": None}
