"""docs/configuration.md: its table, written from the list of options.

    python tools/configuration_page.py

Only the text between the marks is rewritten.
"""

from __future__ import annotations

from pathlib import Path

from sqlvec.config import OPTIONS, Option

PAGE = Path(__file__).parent.parent / "docs" / "configuration.md"
BEGIN = "<!-- options: written by tools/configuration_page.py -->\n"
END = "<!-- end of options -->\n"


def options_table() -> str:
    lines = ["| flag | variable | key in the file | default | meaning |", "|---|---|---|---|---|"]
    lines += [f"| {_flag(o)} | `{o.variable}` | `{o.name}` | {o.default} | {o.doc} |" for o in OPTIONS]
    return "\n".join(lines) + "\n"


def _flag(option: Option) -> str:
    if not option.has_flag:
        return "(none)"
    return f"`{option.flag}`" if option.is_switch else f"`{option.flag} {option.metavar}`"


def with_table(page: str) -> str:
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise SystemExit(f"{PAGE} has lost its marks")
    return before + begin + options_table() + end + after


if __name__ == "__main__":
    PAGE.write_text(with_table(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
