"""Prints the wire protocol's phases as a mermaid diagram into docs/architecture/wire.md.

python tools/state_diagram.py
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

from sqlvec.wire.protocol.backend_messages import FatalErrorResponse
from sqlvec.wire.protocol.frontend_messages import Terminate
from sqlvec.wire.protocol.state import DROPPED, RECEIVED, SENT, Phase

PAGE = Path(__file__).parent.parent / "docs" / "architecture" / "wire.md"
BEGIN = "<!-- begin: tools/state_diagram.py -->"
# A failure or a goodbye can come anywhere; drawn, these arrows would hide the others.
_ANYWHERE = (Terminate, FatalErrorResponse)
END = "<!-- end: tools/state_diagram.py -->"


def diagram() -> str:
    """Arrows that change the phase, each with who speaks and which messages change it."""
    lines = ["```mermaid", "stateDiagram-v2", f"    [*] --> {Phase.STARTUP.name}"]
    lines += [f'    state "{phase.value}" as {phase.name}' for phase in Phase]
    for (start, end), labels in _changes().items():
        lines.append(f"    {start.name} --> {end.name}: {labels}")
    lines += [f"    {Phase.CLOSED.name} --> [*]", "```"]
    return "\n".join(lines)


def dropped() -> str:
    """What each phase drops, as a list."""
    return "\n".join(
        f"- {phase.value}: {', '.join(sorted(kind.__name__ for kind in kinds))}"
        for phase, kinds in DROPPED.items()
    )


def rewritten(page: str) -> str:
    """The page with today's diagram between the marks."""
    head, _, rest = page.partition(BEGIN)
    _, _, tail = rest.partition(END)
    generated = f"{diagram()}\n\nReceived and dropped without an answer:\n\n{dropped()}"
    return f"{head}{BEGIN}\n\n{generated}\n\n{END}{tail}"


def _changes() -> dict[tuple[Phase, Phase], str]:
    changes: dict[tuple[Phase, Phase], str] = {}
    for speaker, table in (("client", RECEIVED), ("server", SENT)):
        named: dict[tuple[Phase, Phase], list[str]] = defaultdict(list)
        for start, row in table.items():
            for kind, end in row.items():
                if start is not end and (kind not in _ANYWHERE or start is Phase.IDLE):
                    named[start, end].append(kind.__name__)
        for change, names in named.items():
            before = f"{changes[change]}; " if change in changes else ""
            changes[change] = f"{before}{speaker} {', '.join(names)}"
    return changes


if __name__ == "__main__":
    PAGE.write_text(rewritten(PAGE.read_text()))
