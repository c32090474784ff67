"""What a database could choke on is refused before it: on each of them, and by name.

All other input is tried on one database (`any_database`); ids beyond 64 bits are in
`test_hostile_paths.py`.
"""

from support.answers import pointers, verdict
from web.callers import CREATE_POST, REGISTER, UPDATE_POST, UPDATE_USER, Caller, Field, cases

FIELDS = {
    "name": (REGISTER, "first_name"),
    "new-name": (UPDATE_USER, "last_name"),
    "content": (CREATE_POST, "content"),
    "new-title": (UPDATE_POST, "title"),
}
UNSTORABLE = {"nul": "a\0b", "surrogate": "a\ud800", "too-long": "a" * 50_001}


@cases(FIELDS)
def test_text_that_a_database_cannot_store_is_refused(caller: Caller, case: Field) -> None:
    operation, field = case
    for name, text in UNSTORABLE.items():
        answer = caller.write(operation, **{field: text})

        assert verdict(answer) == (400, "invalid-input"), name
        assert pointers(answer) == [f"/{field}"], name
