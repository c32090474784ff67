"""What the measures of the code count, and what they refuse."""

from pathlib import Path

from measuring.sizes import functions_in, problems_in
from measuring.walks import files_entered
from userapi.kit.text import is_line

SHORT = "def short() -> int:\n    return 1\n"


def source(folder: Path, text: str) -> Path:
    (folder / "module.py").write_text(text, encoding="utf-8")
    return folder


def test_a_docstring_and_decorators_do_not_count(tmp_path: Path) -> None:
    text = '@decorated\ndef one(self, a, *, b):\n    """Say\n\n    much."""\n    return a\n'

    (function,) = functions_in(source(tmp_path, text))

    assert (function.name, function.lines, function.parameters) == ("one", 2, 2)


def test_small_code_has_no_problems(tmp_path: Path) -> None:
    assert problems_in(source(tmp_path, SHORT)) == []


def test_a_long_function_is_named(tmp_path: Path) -> None:
    text = "def long() -> None:\n" + "    print()\n" * 40

    problems = problems_in(source(tmp_path, text + SHORT * 3))

    assert problems == [f"{tmp_path}/module.py:1 long: 41 lines, at most 40"]


def test_many_parameters_are_for_constructors_only(tmp_path: Path) -> None:
    text = "def {}(self, a, b, c, d, e, f, g): ...\n"

    problems = problems_in(source(tmp_path, text.format("many") + text.format("__init__")))

    assert problems == [f"{tmp_path}/module.py:1 many: 7 parameters, at most 6"]


def test_a_long_file_is_named(tmp_path: Path) -> None:
    problems = problems_in(source(tmp_path, SHORT + "\n" * 249))

    assert problems == [f"{tmp_path}/module.py: 251 lines, at most 250"]


def test_long_functions_everywhere_are_told(tmp_path: Path) -> None:
    text = "def middling() -> None:\n" + "    print()\n" * 7

    assert problems_in(source(tmp_path, text)) == ["the median function has 8 lines, at most 7"]


def test_only_files_of_the_project_are_entered() -> None:
    assert files_entered(lambda: (is_line("A"), Path("x").exists())) == ["kit/text.py"]
