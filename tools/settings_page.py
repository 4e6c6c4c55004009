"""docs/settings.md: its table, written from the list of settings.

    python tools/settings_page.py

Only the text between the marks is rewritten.
"""

from __future__ import annotations

from pathlib import Path

from sqlvec.core.settings.registry import SETTINGS
from sqlvec.core.settings.setting import Scope, Setting, boolean

PAGE = Path(__file__).parent.parent / "docs" / "settings.md"
BEGIN = "<!-- settings: written by tools/settings_page.py -->\n"
END = "<!-- end of settings -->\n"
_WHO = {Scope.INTERNAL: "nobody", Scope.STARTUP: "server start", Scope.SESSION: "session"}


def settings_table() -> str:
    lines = ["| setting | default | values | changed by | meaning |", "|---|---|---|---|---|"]
    lines += [_row(setting) for setting in sorted(SETTINGS, key=lambda each: each.name.lower())]
    return "\n".join(lines) + "\n"


def _row(setting: Setting) -> str:
    default = f"`{setting.default}`" if setting.default else "(empty)"
    return f"| `{setting.name}` | {default} | {_values(setting)} | {_WHO[setting.scope]} | {setting.doc} |"


def _values(setting: Setting) -> str:
    if setting.scope is Scope.INTERNAL:
        return "fixed"
    if setting.choices is not None:
        return ", ".join(setting.choices)
    if setting.parse is boolean:
        return "on, off"
    if setting.minimum is not None:
        unit = f" {setting.unit}" if setting.unit else ""
        return f"{setting.minimum} to {setting.maximum}{unit}"
    return "text"


def with_table(page: str) -> str:
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise SystemExit(f"{PAGE} has lost its marks")
    return before + begin + settings_table() + end + after


if __name__ == "__main__":
    PAGE.write_text(with_table(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
