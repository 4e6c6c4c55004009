"""What linters lack: lengths, names and imports of the whole tree."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCE_FOLDERS = (
    "sqlvec",
    "wire",
    "planner",
    "storage",
)  # the rooms; each but the first is a package of sqlvec
OTHER_FOLDERS = ("tests", "tools", "examples", "benchmarks")
MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 40

# Longer for a reason, and the reason. A file by its path, a function by "path::name".
LONG: dict[str, str] = {
    "planner/statements.py": "one small dataclass per kind of statement: a list that is read as one",
}

# Packages of the face that share one page.
PAGES = {"shell": "face", "demo": "face", "example_data": "face"}


@cache
def python_files() -> tuple[Path, ...]:
    return tuple(
        path
        for folder in (*SOURCE_FOLDERS, *OTHER_FOLDERS)
        for path in sorted(_walk(ROOT / folder))
        if path.suffix == ".py"
    )


def _walk(folder: Path) -> Iterator[Path]:
    for entry in folder.iterdir():
        # The links in sqlvec/ lead to folders that are walked in their own right.
        if entry.is_dir() and not entry.is_symlink() and entry.name != "__pycache__":
            yield from _walk(entry)
        elif entry.is_file():
            yield entry


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), _name(path))


def functions(path: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno is not None
            yield f"{_name(path)}::{node.name}", node.end_lineno - node.lineno + 1


def lengths() -> dict[str, tuple[int, int]]:
    """Everything that has a limit: its lines and the limit."""
    found: dict[str, tuple[int, int]] = {}
    for path in python_files():
        found[_name(path)] = (len(path.read_text(encoding="utf-8").splitlines()), MAX_FILE_LINES)
        for name, lines in functions(path):
            found[name] = max(found.get(name, (0, 0)), (lines, MAX_FUNCTION_LINES))
    return found


def test_files_and_functions_are_short_or_explained():
    too_long = {name: lines for name, (lines, limit) in lengths().items() if lines > limit}
    unexplained = {name: lines for name, lines in too_long.items() if name not in LONG}
    assert not unexplained, f"split these, or give the reason in LONG: {unexplained}"


def test_no_explanation_is_left_over():
    found = lengths()
    left_over = [name for name in LONG if name not in found or found[name][0] <= found[name][1]]
    assert not left_over


def test_the_folder_names_are_never_imported_bare():
    stray = [
        f"{_name(path)}:{line}: {module}"
        for path in python_files()
        for line, module, level in imports(path)
        if level == 0 and module.partition(".")[0] in SOURCE_FOLDERS[1:]
    ]
    assert not stray, "import them as sqlvec.<folder>"


def imports(path: Path) -> Iterator[tuple[int, str, int]]:
    """Every import as (line, module, level); level 0 is absolute."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name, 0) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.lineno, node.module or "", node.level


def source_files() -> Iterator[tuple[Path, tuple[str, ...]]]:
    """The modules of sqlvec with the parts of their names after "sqlvec"; those of the face have one part."""
    for path in python_files():
        parts = path.relative_to(ROOT).with_suffix("").parts
        if parts[0] in SOURCE_FOLDERS:
            yield path, parts[1:] if parts[0] == "sqlvec" else parts


def test_imports_are_relative_inside_a_package():
    # Files opened as planner/x.py are `planner.x` for a checker: only relative imports keep one identity.
    stray = [
        f"{_name(path)}:{line}: {module}"
        for path, parts in source_files()
        for line, module, level in imports(path)
        if level == 0 and parts[0] in SOURCE_FOLDERS[1:] and f"{module}.".startswith(f"sqlvec.{parts[0]}.")
    ]
    assert not stray


def test_relative_imports_stay_inside_their_package():
    stray = [
        f"{_name(path)}:{line}: {'.' * level}{module}"
        for path, parts in source_files()
        for line, module, level in imports(path)
        if len(parts) > 1 and level >= len(parts)
    ]
    assert not stray, "write sqlvec.<package> across packages"


def test_every_module_says_what_it_is():
    silent = [_name(path) for path, _ in source_files() if ast.get_docstring(tree_of(path)) is None]
    # An empty __init__.py has nothing to say.
    assert not [name for name in silent if (ROOT / name).stat().st_size > 0]


def test_every_folder_has_its_page():
    folders = {parts[0] for _, parts in source_files() if len(parts) > 1} | {"face", "example_data"}
    pages = {PAGES.get(folder, folder) for folder in folders} | {"index", "life-of-a-query"}
    missing = {page for page in pages if not (ROOT / "docs" / "architecture" / f"{page}.md").is_file()}
    assert not missing


def test_a_rule_is_called_as_its_file():
    files = {path.stem for path in (ROOT / "planner" / "rules").glob("*.py")} - {"__init__"}
    try:
        rules = importlib.import_module("sqlvec.planner.optimize").RULES
    except (ImportError, AttributeError):
        pytest.skip("planner.optimize.RULES is not there yet")
    assert {rule.name for rule in rules} == files
