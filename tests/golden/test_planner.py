"""PostgreSQL in, DuckDB out (dialect/), and what the vector rules make of a query (plan/).

A file holds a statement, `----`, and what the planner makes of it, records separated by blank lines.
`pytest tests/golden/test_planner.py --update-golden` writes the answers; read the diff.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from sqlvec.core.errors import SqlError
from sqlvec.planner.logical import QueryPlan, sql_of
from sqlvec.planner.parse import parse
from sqlvec.planner.plan import plan_query
from sqlvec.planner.statements import Query
from tests.support.literal_catalog import LiteralCatalog

FOLDER = Path(__file__).parent
FILES = sorted((FOLDER / "dialect").glob("*.golden")) + sorted((FOLDER / "plan").glob("*.golden"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_planner_answers_as_written(path: Path, request: pytest.FixtureRequest) -> None:
    text = path.read_text(encoding="utf-8")
    actual = "\n\n".join(_answered(record, path.parent.name) for record in text.strip().split("\n\n")) + "\n"
    if request.config.getoption("--update-golden"):
        path.write_text(actual, encoding="utf-8")
    else:
        assert actual == text


def _answered(record: str, kind: str) -> str:
    statement = record.split("\n----", 1)[0]
    sql = "\n".join(line for line in statement.splitlines() if not line.startswith("#"))
    try:
        plan = _plan(sql)
    except SqlError as error:
        place = f" at {error.position}" if error.position else ""
        return f"{statement}\n----\nerror {error.sqlstate}{place}: {error.message}"
    lines = [sql_of(plan.tree)]
    if kind == "dialect":
        lines.append(
            "-- " + ", ".join(f"{c.name} {c.type.sql_name if c.type else '?'}" for c in plan.columns)
        )
    else:
        lines += _searches(plan)
    return "\n".join([statement, "----", *lines])


def _plan(sql: str) -> QueryPlan:
    parsed = parse(sql)[0]
    assert isinstance(parsed.statement, Query)
    return plan_query(parsed.statement.tree, LiteralCatalog(), sql, parsed.parameter_count)


def _searches(plan: QueryPlan) -> list[str]:
    lines = [f"rules: {', '.join(plan.applied_rules) or 'none'}"]
    for search in plan.searches:
        parts = [
            f"{search.column} {search.symbol} {sql_of(search.operand)}",
            f"columns {', '.join(search.columns)}",
        ]
        parts += [
            f"{name} {sql_of(node)}"
            for name in ("limit", "offset", "filter")
            if (node := getattr(search, name))
        ]
        if search.radius is not None:
            parts.append(
                f"radius {'<=' if search.radius.is_inclusive else '<'} {sql_of(search.radius.bound)}"
            )
        lines.append(
            f"search {search.number}: "
            + "; ".join(
                [
                    *parts,
                    *(["ties"] if search.needs_ties else []),
                    *(["nulls first"] if search.nulls_first else []),
                ]
            )
        )
    return lines
