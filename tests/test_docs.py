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
DECISIONS = sorted((DOCS / "decisions").glob("*.md"))
_LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
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
