"""EXPLAIN output: plan nodes as text and JSON, in PostgreSQL's shape."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from .statements import Explain

# PostgreSQL's cost unit is one sequential page read; we price in seconds. 1 unit = 10 us, about what a page
# read from memory costs there, so that figures have a familiar size.
SECONDS_PER_COST = 10e-6


@dataclass(frozen=True, slots=True)
class PlanNode:
    """One node; `properties` print as 'Key: value' lines below it. Times are milliseconds."""

    kind: str
    detail: str = ""  # behind the kind in text: ' using idx on t'
    startup_cost: float = 0.0
    total_cost: float = 0.0
    rows: int = 0
    width: int = 0
    actual_ms: float | None = None
    actual_rows: int | None = None
    properties: tuple[tuple[str, Any], ...] = ()
    verbose_properties: tuple[tuple[str, Any], ...] = ()
    facts: tuple[tuple[str, Any], ...] = ()  # JSON only: 'Relation Name' and its like
    children: tuple[PlanNode, ...] = field(default_factory=tuple)


def to_text(node: PlanNode, options: Explain, times: tuple[float, float | None] | None) -> list[str]:
    """Lines as psql shows them; `times` are planning and execution seconds."""
    lines = _node_lines(node, options, 0)
    if times is not None:
        lines.append(f"Planning Time: {times[0] * 1000:.3f} ms")
        if times[1] is not None:
            lines.append(f"Execution Time: {times[1] * 1000:.3f} ms")
    return lines


def _node_lines(node: PlanNode, options: Explain, depth: int) -> list[str]:
    lead = "" if depth == 0 else " " * (6 * depth - 4) + "->  "
    indent = " " * (2 if depth == 0 else 6 * depth + 2)
    lines = [lead + node.kind + node.detail + _figures(node, options)]
    for key, value in (*node.properties, *(node.verbose_properties if options.verbose else ())):
        values = value if isinstance(value, (list, tuple)) else [value]
        lines.append(f"{indent}{key}: {values[0] if values else ''}")
        lines.extend(f"{indent}  {each}" for each in values[1:])
    for child in node.children:
        lines.extend(_node_lines(child, options, depth + 1))
    return lines


def _figures(node: PlanNode, options: Explain) -> str:
    text = ""
    if options.costs:
        text += f"  (cost={node.startup_cost:.2f}..{node.total_cost:.2f} rows={node.rows} width={node.width})"
    if options.analyze and node.actual_rows is not None:
        timing = (
            f"time={node.actual_ms:.3f}..{node.actual_ms:.3f} "
            if options.timing and node.actual_ms is not None
            else ""
        )
        text += f" (actual {timing}rows={node.actual_rows} loops=1)"
    return text


def to_json(node: PlanNode, options: Explain, times: tuple[float, float | None] | None) -> str:
    """One JSON document, as EXPLAIN (FORMAT JSON) gives it."""
    document: dict[str, Any] = {"Plan": _node_json(node, options)}
    if times is not None:
        document["Planning Time"] = round(times[0] * 1000, 3)
        if times[1] is not None:
            document["Execution Time"] = round(times[1] * 1000, 3)
    return json.dumps([document], indent=2)


def _node_json(node: PlanNode, options: Explain) -> dict[str, Any]:
    found: dict[str, Any] = {"Node Type": node.kind, **dict(node.facts)}
    if options.costs:
        found.update({
            "Startup Cost": round(node.startup_cost, 2), "Total Cost": round(node.total_cost, 2),
            "Plan Rows": node.rows, "Plan Width": node.width,
        })  # fmt: skip
    if options.analyze and node.actual_rows is not None:
        if options.timing and node.actual_ms is not None:
            found["Actual Startup Time"] = found["Actual Total Time"] = round(node.actual_ms, 3)
        found["Actual Rows"] = node.actual_rows
        found["Actual Loops"] = 1
    found.update(node.properties)
    if options.verbose:
        found.update(node.verbose_properties)
    if node.children:
        found["Plans"] = [_node_json(child, options) for child in node.children]
    return found
