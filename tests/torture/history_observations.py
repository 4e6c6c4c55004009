"""Observations: what must be true whenever a client looks, and what must be true at the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from tests.torture.history import Effect, Kind
from tests.torture.history_tables import ACCOUNTS, BALANCE, PAIRS, SLOTS, Client, text_of, vector_of

TOTAL = ACCOUNTS * BALANCE
Observation = Callable[[Client], str | None]


def sums(client: Client) -> str | None:
    ((total, count),) = client.ask("select sum(balance), count(*) from accounts")
    return None if (total, count) == (TOTAL, ACCOUNTS) else f"{count} accounts have {total}"


def sums_through_search(client: Client) -> str | None:
    """The search and the join see one state, and the vectors belong to the balances."""
    ((total, joined, count, wrong),) = client.ask(
        f"with near as (select id, balance, v from accounts order by v <-> '[0,0]' limit {ACCOUNTS}) "
        "select sum(n.balance), sum(a.balance), count(*), "
        "sum(case when n.v = array[a.balance, a.id]::real[]::vector then 0 else 1 end) "
        "from near n join accounts a on a.id = n.id"
    )
    seen = (total, joined, count, wrong)
    return None if seen == (TOTAL, TOTAL, ACCOUNTS, 0) else f"search, join, count, wrong vectors: {seen}"


def pairs_through_search(client: Client) -> str | None:
    """A row's vector is the function of its scalar, and k rows come."""
    near = client.random.randrange(1000)
    where = client.random.choice(("", f"where s > {near // 2}", f"where s % 2 = {near % 2}"))
    sql = f"select id, s, v::text, v <-> '{text_of(near)}' from pairs {where} order by v <-> '{text_of(near)}' limit 8"
    rows = client.ask(sql)
    wrong = [row for row in rows if row[2] != text_of(row[1]) or not _is_distance(near, row[1], row[3])]
    if wrong:
        return f"vector and scalar disagree: {wrong}"
    if len({row[0] for row in rows}) != len(rows) or (not where and len(rows) != 8):
        return f"not k rows: {rows}"
    if [row[3] for row in rows] != sorted(row[3] for row in rows):
        return f"not in order: {rows}"
    return None


def _is_distance(near: int, scalar: int, found: float) -> bool:
    squares = ((one - two) ** 2 for one, two in zip(vector_of(near), vector_of(scalar), strict=True))
    return abs(sum(squares) ** 0.5 - found) < 1e-3


def pairs_all(client: Client) -> str | None:
    rows = client.ask("select id, s, v::text from pairs")
    wrong = [row for row in rows if row[2] != text_of(row[1])]
    if wrong or len({row[0] for row in rows}) != PAIRS or len(rows) != PAIRS:
        return f"{len(rows)} pairs, wrong: {wrong}"
    return None


def lists(client: Client) -> str | None:
    """What a list has, it keeps: each read begins with what was read before."""
    for key, items in client.ask("select id, items from lists"):
        elements = items.split(",")[:-1]
        if len(set(elements)) != len(elements):
            return f"list {key} has an element twice: {items}"
        before = client.memory.get(f"list {key}", "")
        if not client.is_fresh:
            continue  # own elements, which may be rolled back
        if client.level == "read committed":
            if not items.startswith(before):
                return f"list {key} was {before!r} and is {items!r}"
            client.memory[f"list {key}"] = items
    return None


def counters(client: Client) -> str | None:
    """A counter never goes back."""
    for key, n in client.ask("select id, n from counters"):
        if client.is_fresh and client.level == "read committed":
            before = client.memory.get(f"counter {key}", 0)
            if n < before:
                return f"counter {key} was {before} and is {n}"
            client.memory[f"counter {key}"] = n
    return None


def slots(client: Client) -> str | None:
    """A snapshot may show a row that is deleted by now beside an own one of the same key, as PostgreSQL's does."""
    keys = [row[0] for row in client.ask("select id from slots union all select twin - 100 from slots")]
    twice = [key for key, count in Counter(keys).items() if count != 2]
    may_be = client.level != "read committed" and not client.is_fresh
    return f"keys that are not there once: {twice}" if twice and not may_be else None


def the_same_again(client: Client) -> str | None:
    """REPEATABLE READ reads the same twice, also through the index."""
    sql = "select id, s, v::text from pairs order by v <-> '[500,50,50]', id limit 20"
    one, two = client.ask(sql), client.ask(sql)
    return f"{one}\nand then\n{two}" if client.level != "read committed" and one != two else None


OBSERVATIONS: tuple[Observation, ...] = (
    sums, sums_through_search, pairs_through_search, pairs_through_search, pairs_all, lists, counters, slots,
    the_same_again,
)  # fmt: skip


def check_the_end(committed: Iterable[Effect], ask: Callable[[str], list[tuple[Any, ...]]]) -> list[str]:
    """What all committed changes together must have led to."""
    effects = list(committed)
    return [*_end_of_counters(effects, ask), *_end_of_lists(effects, ask), *_end_of_slots(effects, ask)]


def _sum(effects: list[Effect], kind: Kind) -> Counter[int]:
    total: Counter[int] = Counter()
    for effect in effects:
        if effect.kind is kind:
            total[effect.key] += effect.value
    return total


def _end_of_counters(effects: list[Effect], ask: Callable[[str], list[tuple[Any, ...]]]) -> list[str]:
    expected = _sum(effects, Kind.COUNTED)
    return [
        f"counter {key} is {n}, {expected[key]} increments were committed"
        for key, n in ask("select id, n from counters")
        if n != expected[key]
    ]


def _end_of_lists(effects: list[Effect], ask: Callable[[str], list[tuple[Any, ...]]]) -> list[str]:
    expected = sorted((e.key, e.value) for e in effects if e.kind is Kind.APPENDED)
    found = sorted(
        (key, int(element))
        for key, items in ask("select id, items from lists")
        for element in items.split(",")[:-1]
    )
    lost, extra = set(expected) - set(found), set(found) - set(expected)
    return [] if found == expected else [f"lists: lost {lost}, never committed {extra}"]


def _end_of_slots(effects: list[Effect], ask: Callable[[str], list[tuple[Any, ...]]]) -> list[str]:
    """Hits are neither lost nor made by deletes and inserts that overlap."""
    given, taken = _sum(effects, Kind.UPSERTED), _sum(effects, Kind.DELETED)
    found = Counter(dict(ask("select id, hits from slots")))
    return [
        f"slot {key} has {found[key]} hits of {given[key]} given and {taken[key]} deleted"
        for key in range(1, SLOTS + 1)
        if found[key] != given[key] - taken[key]
    ]
