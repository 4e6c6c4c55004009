"""Duel: every statement goes to sqlvec and to PostgreSQL with pgvector, and into a log that can be replayed."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

from tests.torture.answers import Answer, Asker, difference, is_close
from tests.torture.statement_mix import Role, Statement, Statuses

# pgvector's operators once more, without float32: where the order of two rows hangs on rounding, this order is ours.
PRECISE = """
create schema precise;
create function precise.l2(a vector, b vector) returns float8 language sql immutable strict as
    $$ select sqrt(sum((x::float8 - y) ^ 2)) from unnest(a::real[]::float8[], b::real[]::float8[]) as u (x, y) $$;
create function precise.l1(a vector, b vector) returns float8 language sql immutable strict as
    $$ select sum(abs(x - y)) from unnest(a::real[]::float8[], b::real[]::float8[]) as u (x, y) $$;
create function precise.ip(a vector, b vector) returns float8 language sql immutable strict as
    $$ select -sum(x * y) from unnest(a::real[]::float8[], b::real[]::float8[]) as u (x, y) $$;
create function precise.cosine(a vector, b vector) returns float8 language sql immutable strict as
    $$ select case when precise.ip(a, a) * precise.ip(b, b) = 0 then 'NaN' else
       1 + greatest(-1, least(1, precise.ip(a, b) / sqrt(precise.ip(a, a) * precise.ip(b, b)))) end $$;
create operator precise.<-> (leftarg = vector, rightarg = vector, function = precise.l2, commutator = operator(precise.<->));
create operator precise.<+> (leftarg = vector, rightarg = vector, function = precise.l1, commutator = operator(precise.<+>));
create operator precise.<#> (leftarg = vector, rightarg = vector, function = precise.ip, commutator = operator(precise.<#>));
create operator precise.<=> (leftarg = vector, rightarg = vector, function = precise.cosine, commutator = operator(precise.<=>));
"""
STRATEGIES = ("auto", "filtered_index", "postfilter")
Distances = dict[str, float | None]


class Difference(AssertionError):
    """sqlvec said something else than PostgreSQL."""

    def __init__(self, reason: str, sql: str, ours: object, theirs: object) -> None:
        super().__init__(f"{reason}\n{sql}\n--- sqlvec\n{ours}\n--- PostgreSQL\n{theirs}")


Pair = tuple[Asker, Asker]  # sqlvec's session and PostgreSQL's


class Duel:
    """PostgreSQL's sessions know PRECISE; `rounded` counts the answers that differed by float32's near ties only."""

    def __init__(self, sessions: Mapping[Role, Pair], log: Path) -> None:
        self.rounded = 0
        self._sessions = sessions
        self._log = log

    @property
    def statuses(self) -> Statuses:
        return {role: theirs.status for role, (_, theirs) in self._sessions.items()}

    def both(self, statement: Statement) -> Answer:
        """PostgreSQL's answer, which was sqlvec's too."""
        self._note(statement.sql, statement.role, statement.kind)
        theirs, ours = (
            asker.ask(statement.sql, is_extended=statement.is_extended)
            for asker in reversed(self._sessions[statement.role])
        )
        if " returning " in statement.sql:
            # The order is not promised, and another one here: rows inserted before rows updated.
            ours, theirs = ours.sorted(), theirs.sorted()
        reason = difference(ours, theirs)
        if reason and not self._is_rounding(statement, ours, theirs):
            raise Difference(f"{reason}: {statement.kind}", statement.sql, ours, theirs)
        return theirs

    def check_strategies(self, statement: Statement) -> None:
        """Each strategy finds as many rows as there are: other ones than the nearest perhaps, never wrong ones."""
        search, role = statement.search, statement.role
        assert search is not None
        theirs = self._sessions[role][1]
        truth: Distances = {
            str(key): None if d is None else float(d) for key, d in theirs.ask(search.truth()).rows
        }
        expected = len(theirs.ask(search.sql()).rows)
        self._ask_ours("set sqlvec.recall_target = 0.95", role)
        for strategy in STRATEGIES:
            self._ask_ours(f"set sqlvec.force_strategy = {strategy}", role)
            for sql in (search.sql(), search.sql_without_ties()):
                _check_found(self._ask_ours(sql, role), sql, strategy, truth, expected)
        self._ask_ours("set sqlvec.force_strategy = auto", role)
        self._ask_ours("set sqlvec.recall_target = 1", role)

    def _ask_ours(self, sql: str, role: Role) -> Answer:
        self._note(sql, role, "to sqlvec only")
        answer = self._sessions[role][0].ask(sql)
        if answer.error:
            raise Difference("a complaint", sql, answer, "nothing to complain about")
        return answer

    def _is_rounding(self, statement: Statement, ours: Answer, theirs: Answer) -> bool:
        if ours.error or theirs.error or not statement.sql.startswith(("select", "with")):
            return False
        asker = self._sessions[statement.role][1]
        asker.ask("set search_path = precise, public")
        is_rounding = difference(ours, asker.ask(statement.sql)) is None
        asker.ask("set search_path = public")
        self.rounded += is_rounding
        return is_rounding

    def _note(self, sql: str, role: Role, remark: str) -> None:
        """The observer's lines are comments: the others can be run by one psql."""
        prefix = "" if role is Role.MAIN else f"-- {role.value}: "
        # At once: a server that hangs is killed together with this test.
        with self._log.open("a", encoding="utf-8") as log:
            log.write(f"{prefix}{sql};  -- {remark}\n")


def _check_found(found: Answer, sql: str, strategy: str, truth: Distances, expected: int) -> None:
    rows = [(str(key), None if d is None else float(d)) for key, d in found.rows]
    complaint = None
    if len(rows) != expected or len(dict(rows)) != expected:
        complaint = f"not {expected} rows"
    elif wrong := [key for key, _ in rows if key not in truth]:
        complaint = f"rows that the filter refuses: {wrong}"
    elif any(not _is_same(d, truth[key]) for key, d in rows):
        complaint = "a wrong distance"
    elif any(_sort_key(one) > _sort_key(two) for (_, one), (_, two) in pairwise(rows)):
        complaint = "not in order"
    if complaint:
        raise Difference(f"{strategy}: {complaint}", sql, found, f"{expected} rows of {truth}"[:1500])


def _is_same(mine: float | None, other: float | None) -> bool:
    if mine is None or other is None:
        return mine == other
    return is_close(mine, other)


def _sort_key(distance: float | None) -> tuple[int, float]:
    """Numbers, then NaN, then nothing."""
    if distance is None:
        return (2, 0.0)
    return (1, 0.0) if distance != distance else (0, distance)
