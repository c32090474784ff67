"""The sizes of functions and files, read off the syntax trees of the source.

A function's length is its lines from `def` to its end without its docstring; its decorators do not
count. Its parameters are all but `self` and `cls`; constructors may have as many as they need.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

MAX_FUNCTION_LINES = 40
MAX_PARAMETERS = 6
MAX_FILE_LINES = 250
MAX_MEDIAN = 7

_Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Function:
    """A function of the source: where it is, how long it is, and how much it takes."""

    place: str
    name: str
    lines: int
    parameters: int

    def __str__(self) -> str:
        """Return where it is, and its name."""
        return f"{self.place} {self.name}"

    @property
    def has_too_many_parameters(self) -> bool:
        """Whether it takes more than it should."""
        return self.name != "__init__" and self.parameters > MAX_PARAMETERS


def functions_in(folder: Path) -> list[Function]:
    """Return every function below a folder."""
    return [function for path in sorted(folder.rglob("*.py")) for function in _functions(path)]


def problems_in(folder: Path) -> list[str]:
    """Return a sentence for each function and file below a folder that is too large."""
    functions = functions_in(folder)
    return [
        *(
            f"{function}: {function.lines} lines, at most {MAX_FUNCTION_LINES}"
            for function in functions
            if function.lines > MAX_FUNCTION_LINES
        ),
        *(
            f"{function}: {function.parameters} parameters, at most {MAX_PARAMETERS}"
            for function in functions
            if function.has_too_many_parameters
        ),
        *_large_files(folder),
        *_large_median(functions),
    ]


def _large_median(functions: list[Function]) -> Iterator[str]:
    middle = median(function.lines for function in functions)
    if middle > MAX_MEDIAN:
        yield f"the median function has {middle} lines, at most {MAX_MEDIAN}"


def _large_files(folder: Path) -> Iterator[str]:
    for path in sorted(folder.rglob("*.py")):
        lines = len(path.read_text(encoding="utf-8").splitlines())
        if lines > MAX_FILE_LINES:
            yield f"{path}: {lines} lines, at most {MAX_FILE_LINES}"


def _functions(path: Path) -> Iterator[Function]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, _Function):
            yield Function(
                f"{path}:{node.lineno}", node.name, _lines_of(node), _parameters_of(node)
            )


def _lines_of(node: _Function) -> int:
    lines = (node.end_lineno or node.lineno) - node.lineno + 1
    first = node.body[0]
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
        lines -= (first.end_lineno or first.lineno) - first.lineno + 1
    return lines


def _parameters_of(node: _Function) -> int:
    arguments = node.args
    named = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    own = [argument for argument in named if argument.arg not in ("self", "cls")]
    return len(own) + (arguments.vararg is not None) + (arguments.kwarg is not None)
