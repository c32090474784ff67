"""What the features declare of their operations, each in `contract.py` of its tests."""

import importlib
import re
from collections.abc import Mapping
from pathlib import Path

from sqlalchemy.orm import Session

from userapi.features import FEATURES
from userapi.testing.contract import Call, Contract, Kind

TESTS = Path(__file__).parents[1]


def place_of(feature: str) -> str:
    """Return where a feature declares its operations."""
    return f"tests/{feature}/contract.py"


def contract_of(feature: str) -> Contract:
    """Return what a feature declares; nothing when it has no such file."""
    if not (TESTS.parent / place_of(feature)).exists():
        return Contract(calls={})
    contract = importlib.import_module(f"{feature}.contract").CONTRACT
    assert isinstance(contract, Contract), f"{place_of(feature)}: let CONTRACT be a Contract"
    return contract


CONTRACTS: Mapping[str, Contract] = {
    feature.name: contract_of(feature.name) for feature in FEATURES
}

CALLS: Mapping[str, Call] = {
    name: call for contract in CONTRACTS.values() for name, call in contract.calls.items()
}
"""The call of every operation, by its name."""


def named(*kinds: Kind) -> list[str]:
    """Return the names of all operations of these kinds."""
    return [name for name, call in CALLS.items() if call.kind in kinds]


def path_of(path: str, ids: Mapping[str, object]) -> str:
    """Return a path of the document with these ids."""
    missing = set(re.findall(r"{(\w+)}", path)) - ids.keys()
    assert not missing, f"edit `objects` in tests/<feature>/contract.py: nothing makes {missing}"
    return path.format(**ids)


def ids_for(session: Session, user_id: int) -> dict[str, object]:
    """Make what paths and bodies name, all of it that user's; return the ids by the parameters."""
    for contract in CONTRACTS.values():
        contract.arrange(session, user_id)
    return {"user_id": user_id} | {
        name: make(session, user_id)
        for contract in CONTRACTS.values()
        for name, make in contract.objects.items()
    }
