"""What was found, for people and for programs."""

import json
from collections.abc import Iterator, Sequence

from userapi.doctor.examining import Examination
from userapi.kit.diagnoses import Verdict
from userapi.kit.text import escaped

_NAME_WIDTH = 15
_VERDICT_WIDTH = 13


def text_of(examinations: Sequence[Examination]) -> str:
    """Return a line for each finding, and below it what to do."""
    return "\n".join([*_lines_of(examinations), _summary_of(examinations)])


def json_of(examinations: Sequence[Examination]) -> str:
    """Return one JSON object; members may be added to it in later versions."""
    checks = [
        {
            "name": one.name,
            "verdict": one.verdict,
            "seconds": round(one.seconds, 3),
            "findings": [
                {"verdict": it.verdict, "told": it.told, "mend": it.mend or None}
                for it in one.findings
            ],
        }
        for one in examinations
    ]
    return json.dumps({"verdict": gravest(examinations), "checks": checks}, indent=2)


def gravest(examinations: Sequence[Examination]) -> Verdict:
    """Return the gravest verdict; what was not checked is none."""
    verdicts = {one.verdict for one in examinations}
    return next((it for it in (Verdict.FAILED, Verdict.WARNING) if it in verdicts), Verdict.OK)


def _lines_of(examinations: Sequence[Examination]) -> Iterator[str]:
    for one in examinations:
        for finding in one.findings:
            head = f"{finding.verdict:<{_VERDICT_WIDTH}}{one.name:<{_NAME_WIDTH}}"
            yield f"{head} {escaped(finding.told)}"
            if finding.mend:
                yield f"{'':<{len(head)}} -> {escaped(finding.mend)}"


def _summary_of(examinations: Sequence[Examination]) -> str:
    found = [it.verdict for one in examinations for it in one.findings]
    counts = [f"{found.count(verdict)} {verdict}" for verdict in reversed(Verdict)]
    return f"\n{', '.join(counts)}"
