"""What is printed of findings."""

import json

from userapi.doctor.examining import Examination
from userapi.doctor.reports import gravest, json_of, text_of
from userapi.kit.diagnoses import Verdict, failed, not_checked, ok

HOSTILE = failed("a server says \x1b[2J\nok  all  is well", "be\u202eware")


def test_what_others_say_cannot_write_lines_of_its_own() -> None:
    lines = text_of([Examination("mail", [HOSTILE], 0.1)]).splitlines()

    assert lines == [
        "failed       mail            a server says \\x1b[2J\\nok  all  is well",
        "                             -> be\\u202eware",
        "",
        "1 failed, 0 warning, 0 ok, 0 not checked",
    ]


def test_programs_get_the_text_as_it_is() -> None:
    assert json.loads(json_of([Examination("mail", [HOSTILE, ok("fine")], 0.1234)])) == {
        "verdict": "failed",
        "checks": [
            {
                "name": "mail",
                "verdict": "failed",
                "seconds": 0.123,
                "findings": [
                    {"verdict": "failed", "told": HOSTILE.told, "mend": HOSTILE.mend},
                    {"verdict": "ok", "told": "fine", "mend": None},
                ],
            }
        ],
    }


def test_what_was_not_checked_is_no_verdict_of_the_whole() -> None:
    assert gravest([Examination("mail", [not_checked("off")], 0.0)]) is Verdict.OK
