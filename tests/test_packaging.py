"""What the wheel holds, and the lists that must agree with each other."""

from __future__ import annotations

import re
import tomllib
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest

import sqlvec

ROOT = Path(__file__).parent.parent
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
SETUPTOOLS = PROJECT["tool"]["setuptools"]


def folder_of(package: str) -> Path:
    """Where setuptools takes a package from: the longest entry of package-dir that is a prefix."""
    parts = package.split(".")
    for length in range(len(parts), 0, -1):
        folder = SETUPTOOLS["package-dir"].get(".".join(parts[:length]))
        if folder is not None:
            return ROOT.joinpath(folder, *parts[length:])
    raise AssertionError(f"{package} is in no folder of package-dir")


def packages_of_the_tree() -> set[str]:
    """Every folder with an __init__.py below the folders of package-dir; links are not followed."""
    found = set()
    for root, folder in SETUPTOOLS["package-dir"].items():
        for init in (ROOT / folder).rglob("__init__.py"):
            below = init.parent.relative_to(ROOT / folder).parts
            is_linked = any((ROOT / folder).joinpath(*below[: i + 1]).is_symlink() for i in range(len(below)))
            if not is_linked:
                found.add(".".join((root, *below)))
    return found


def test_the_package_list_is_the_tree():
    # A folder missing in the list imports fine here and is absent from the wheel.
    assert set(SETUPTOOLS["packages"]) == packages_of_the_tree()
    assert len(SETUPTOOLS["packages"]) == len(set(SETUPTOOLS["packages"]))


def test_every_folder_with_code_is_a_package():
    bare = {
        path.parent.relative_to(ROOT).as_posix()
        for package in SETUPTOOLS["packages"]
        for path in folder_of(package).glob("*/*.py")
        if not (path.parent / "__init__.py").exists()
    }
    assert not bare


def test_every_mapped_folder_is_linked():
    for package, folder in SETUPTOOLS["package-dir"].items():
        if package != "sqlvec":
            link = ROOT / "sqlvec" / package.removeprefix("sqlvec.")
            if link.is_file():
                pytest.skip("this checkout has no symbolic links")
            assert link.is_symlink(), package
            assert link.resolve() == (ROOT / folder).resolve(), package


def test_every_other_file_is_in_the_wheel():
    """SQL, data and markers lie beside the code; what package-data forgets is missing after pip install."""
    forgotten = []
    for package in SETUPTOOLS["packages"]:
        patterns = SETUPTOOLS["package-data"].get(package, [])
        for name in _other_files(folder_of(package)):
            if not any(fnmatch(name, pattern) for pattern in patterns):
                forgotten.append(f"{package}: {name}")
    assert not forgotten


def _other_files(folder: Path) -> list[str]:
    """Files that are no Python, down to where the next package begins."""
    names = []
    for entry in sorted(folder.iterdir()):
        if entry.is_file() and entry.suffix != ".py":
            names.append(entry.name)
        elif entry.is_dir() and not entry.is_symlink() and not _is_package(entry):
            names += [f"{entry.name}/{name}" for name in _other_files(entry)]
    return names


def _is_package(folder: Path) -> bool:
    return (folder / "__init__.py").exists() or folder.name == "__pycache__"


def test_the_versions_agree():
    headings = re.findall(r"^## \[(.+?)\]", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert headings[0] == "Unreleased"
    assert headings[1] == PROJECT["project"]["version"] == sqlvec.__version__


def test_every_dependency_is_justified():
    page = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    explained = re.findall(r"^\| ([\w-]+) \| [^-].+ \|$", page, re.MULTILINE)
    project = PROJECT["project"]
    extras = [name for group in project["optional-dependencies"].values() for name in group]
    wanted = [re.split(r"[\[<>=;~ ]", name)[0] for name in (*project["dependencies"], *extras)]
    assert sorted(name for name in explained if name != "package") == sorted(wanted)


def test_the_licence_is_the_apache_licence():
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert "Apache License" in text
    assert "END OF TERMS AND CONDITIONS" in text


def test_the_example_data_stays_small():
    data = ROOT / "examples" / "data" / "debian_packages.parquet"
    assert data.stat().st_size <= 4_000_000
