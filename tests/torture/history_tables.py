"""The tables of a history, and the changes that clients make to them.

A change keeps every promise that an observation checks: it may take several statements, of one transaction.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any, Protocol

import numpy as np

from tests.torture.history import Effect, Kind

COUNTERS = LISTS = 3
SLOTS = 6
ACCOUNTS = 30
PAIRS = 300
BALANCE = 100  # of each account at first
PRIME = 97

SETUP = (
    "create table counters (id int primary key, n int not null)",
    f"insert into counters select i, 0 from generate_series(1, {COUNTERS}) as s (i)",
    "create table lists (id int primary key, items text not null)",
    f"insert into lists select i, '' from generate_series(1, {LISTS}) as s (i)",
    "create table slots (id int primary key, hits int not null, twin int unique)",
    "create table accounts (id int primary key, balance int not null, v vector(2))",
    f"insert into accounts select i, {BALANCE}, array[{BALANCE}, i]::real[]::vector from generate_series(1, {ACCOUNTS}) as s (i)",
    "create index accounts_v on accounts using hnsw (v vector_l2_ops)",
    "create table pairs (id int primary key, s int not null, v vector(3))",
    "create index pairs_v on pairs using hnsw (v vector_l2_ops)",
)


class Client(Protocol):
    """What a change or an observation needs of its client."""

    random: random.Random
    level: str
    memory: dict[str, Any]
    is_fresh: bool

    def ask(self, sql: str) -> list[tuple[Any, ...]]: ...

    def new_element(self) -> int: ...


Change = Callable[[Client], Iterator[Effect]]


def vector_of(scalar: int) -> list[int]:
    """The vector that a pair with this scalar has."""
    return [scalar, scalar * scalar % PRIME, scalar * 31 % PRIME]


def text_of(scalar: int) -> str:
    return str(vector_of(scalar)).replace(" ", "")


def pairs() -> str:
    """An INSERT of all pairs."""
    scalars = np.random.default_rng(1).integers(0, 1000, PAIRS).tolist()
    rows = ", ".join(f"({i}, {s}, '{text_of(s)}')" for i, s in enumerate(scalars))
    return f"insert into pairs values {rows}"


def count(client: Client) -> Iterator[Effect]:
    """One more, in one statement, or read and written back where the level or a lock makes that safe."""
    key = client.random.randint(1, COUNTERS)
    if client.random.random() < 0.5:
        found = client.ask(f"update counters set n = n + 1 where id = {key} returning n")
        assert len(found) == 1
    else:
        lock = "for update" if client.level == "read committed" else ""
        ((n,),) = client.ask(f"select n from counters where id = {key} {lock}")
        client.ask(f"update counters set n = {n + 1} where id = {key}")
    yield Effect(Kind.COUNTED, key, 1)


def append(client: Client) -> Iterator[Effect]:
    key, element = client.random.randint(1, LISTS), client.new_element()
    client.ask(f"update lists set items = items || '{element},' where id = {key}")
    yield Effect(Kind.APPENDED, key, element)


def transfer(client: Client) -> Iterator[Effect]:
    """The vector moves with the balance; in either order, so that deadlocks happen."""
    one, two = client.random.sample(range(1, ACCOUNTS + 1), 2)
    amount = client.random.randint(1, 20)
    if client.random.random() < 0.5:
        for key, change in ((one, -amount), (two, amount)):
            client.ask(
                f"update accounts set balance = balance + {change}, "
                f"v = array[balance + {change}, id]::real[]::vector where id = {key}"
            )
    else:
        new = f"balance + case id when {one} then -{amount} else {amount} end"
        client.ask(
            f"update accounts set balance = {new}, v = array[{new}, id]::real[]::vector "
            f"where id in ({one}, {two})"
        )
    yield from ()


def upsert(client: Client) -> Iterator[Effect]:
    key = client.random.randint(1, SLOTS)
    client.ask(
        f"insert into slots values ({key}, 1, {key + 100}) "
        "on conflict (id) do update set hits = slots.hits + excluded.hits"
    )
    yield Effect(Kind.UPSERTED, key, 1)


def insert(client: Client) -> Iterator[Effect]:
    """May meet a row under either of its keys."""
    key = client.random.randint(1, SLOTS)
    client.ask(f"insert into slots values ({key}, 1, {key + 100})")
    yield Effect(Kind.UPSERTED, key, 1)


def insert_or_nothing(client: Client) -> Iterator[Effect]:
    key = client.random.randint(1, SLOTS)
    sql = f"insert into slots values ({key}, 1, {key + 100}) on conflict do nothing returning id"
    if client.ask(sql):
        yield Effect(Kind.UPSERTED, key, 1)


def delete(client: Client) -> Iterator[Effect]:
    key = client.random.randint(1, SLOTS)
    for (hits,) in client.ask(f"delete from slots where id = {key} returning hits"):
        yield Effect(Kind.DELETED, key, hits)


def move(client: Client) -> Iterator[Effect]:
    """Scalar and vector together: at once, one after the other, or as another row of the same key."""
    key, scalar = client.random.randrange(PAIRS), client.random.randrange(1000)
    vector = text_of(scalar)
    match client.random.randrange(4):
        case 0:
            client.ask(f"update pairs set s = {scalar}, v = '{vector}' where id = {key}")
        case 1:
            client.ask(f"update pairs set s = {scalar} where id = {key}")
            client.ask(f"update pairs set v = '{vector}' where id = {key}")
        case 2:
            client.ask(f"delete from pairs where id = {key}")
            client.ask(f"insert into pairs values ({key}, {scalar}, '{vector}')")
        case _:
            client.ask(
                f"insert into pairs values ({key}, {scalar}, '{vector}') "
                "on conflict (id) do update set s = excluded.s, v = excluded.v"
            )
    yield from ()


def move_the_nearest(client: Client) -> Iterator[Effect]:
    """Several rows, found by their distance."""
    near, scalar = client.random.randrange(1000), client.random.randrange(1000)
    client.ask(f"update pairs set s = {scalar}, v = '{text_of(scalar)}' where v <-> '{text_of(near)}' < 3")
    yield from ()


CHANGES: tuple[Change, ...] = (
    count, append, transfer, transfer, upsert, insert, insert_or_nothing, delete, move, move, move_the_nearest,
)  # fmt: skip
