"""The documentation against the code: generated pages are current, links lead somewhere, rooms have pages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sqlvec.core import errors
from sqlvec.core.settings.registry import SETTINGS
from tools import settings_page

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = sorted([*DOCS.rglob("*.md"), ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md"])
FOLDERS = ("sqlvec", "wire", "planner", "storage", "tests", "tools", "docs", "examples", "benchmarks")
FILES = [path.relative_to(ROOT).as_posix() for folder in FOLDERS for path in (ROOT / folder).rglob("*.*")]
FILES += [path.name for path in ROOT.iterdir()]
DECISIONS = sorted((DOCS / "decisions").glob("*.md"))
_LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
# A path such as `planner/bind/binder.py`; on a page about a room, `bind/binder.py` is enough.
_PATH = re.compile(r"`([\w./-]+\.(?:py|sql|slt|golden|json|md|toml|sh))`")
_WORDS_OF_A_PAGE = 600  # what fits on one printed page


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_the_settings_page_is_current():
    page = settings_page.PAGE.read_text(encoding="utf-8")
    assert settings_page.with_table(page) == page, "run: python tools/settings_page.py"


def test_every_setting_says_what_it_means():
    silent = [setting.name for setting in SETTINGS if not setting.doc.endswith(".")]
    assert not silent


def error_classes() -> list[type[errors.SqlError]]:
    return [
        each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, errors.SqlError)
    ]


def test_every_sqlstate_is_well_formed():
    wrong = [each.__name__ for each in error_classes() if not re.fullmatch(r"[0-9A-Z]{5}", each.sqlstate)]
    assert not wrong


def test_every_error_class_is_found_by_its_sqlstate():
    hidden = [
        each.__name__
        for each in error_classes()
        if errors.error_class(each.sqlstate).sqlstate != each.sqlstate
    ]
    assert not hidden


@pytest.mark.parametrize("room", ["core", "engine", "face", "planner", "storage", "wire"])
def test_every_room_has_its_page_and_the_index_leads_to_it(room: str):
    assert (DOCS / "architecture" / f"{room}.md").is_file()
    assert f"]({room}.md)" in (DOCS / "architecture" / "index.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_lead_to_files(page: Path):
    targets = _LINK.findall(page.read_text(encoding="utf-8"))
    dead = [target for target in targets if "://" not in target and not (page.parent / target).exists()]
    assert not dead


@pytest.mark.parametrize("page", [page for page in PAGES if page not in DECISIONS], ids=name)
def test_the_files_that_a_page_names_exist(page: Path):
    named = set(_PATH.findall(page.read_text(encoding="utf-8")))
    assert sorted(path for path in named if not any(f"/{file}".endswith(f"/{path}") for file in FILES)) == []


def test_decisions_are_numbered_without_gaps():
    assert [path.name[:4] for path in DECISIONS] == [
        f"{number:04d}" for number in range(1, len(DECISIONS) + 1)
    ]


@pytest.mark.parametrize("page", DECISIONS, ids=name)
def test_a_decision_is_one_page_with_its_three_parts(page: Path):
    text = page.read_text(encoding="utf-8")
    assert [line for line in text.splitlines() if line.startswith("## ")] == [
        "## Context",
        "## Decision",
        "## Consequences",
    ]
    assert len(text.split()) <= _WORDS_OF_A_PAGE
