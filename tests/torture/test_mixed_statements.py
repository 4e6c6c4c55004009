"""Random inserts, deletes, updates and searches in transactions: no internal error, no lost server.

This mix is milder than differential_fuzz.py, which finds the known defect of docs/compatibility.md.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

import psycopg
import pytest

from tests.support.server import Server

ROWS = 1500
STATEMENTS = 1500


class Mix:
    """A stream of statements over one table, the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._next_id = ROWS

    def vector(self) -> str:
        return "[" + ",".join(f"{self._random.gauss(0, 1):.4f}" for _ in range(6)) + "]"

    def row(self, number: int) -> tuple[object, ...]:
        pick = self._random.choice
        return (
            number,
            pick([None, *range(9)]),
            pick([None, "a", "abc", "b%", "ünï", ""]),
            pick([None, [], ["x"], ["x", "y"], ["y", None]]),
            pick([None, "{}", '{"k":1}', '{"k":"a","l":[1,2]}', "[1]"]),
            None if self._random.random() < 0.05 else self.vector(),
        )

    def statements(self) -> Iterator[str]:
        is_open = False
        for _ in range(STATEMENTS):
            share = self._random.random()
            if share < 0.04:
                yield self._random.choice(["commit", "rollback"]) if is_open else "begin"
                is_open = not is_open
            else:
                yield self._change() if share < 0.2 else self._query()

    def _query(self) -> str:
        where = self._random.choice(
            ["true", "cat = 3", "tags @> array['x']", "name like 'a%'", "j @> '{\"k\":1}'", "cat is null"]
        )
        return f"select id from mixed where {where} order by v <-> '{self.vector()}', id limit 10"

    def _change(self) -> str:
        number = self._random.randrange(7, 40)
        change = self._random.randrange(7)
        if change == 0:
            first, self._next_id = self._next_id, self._next_id + 30
            values = ", ".join(f"({first + i}, 1, 'abc', null, null, '{self.vector()}')" for i in range(20))
            return f"insert into mixed values {values}"
        return [
            f"delete from mixed where id % {number} = 3",
            f"update mixed set v = v + '{self.vector()}' where id % {number} = 2",
            f"update mixed set v = null where id % 97 = {number}",
            f"update mixed set cat = {number % 9} where tags && array['y']",
            f"insert into mixed select id - {number} * 40, 5, 'abc', tags, j, v from mixed where id between "
            f"{number * 40 + 500} and {number * 40 + 520} on conflict (id) do update set v = excluded.v",
            f"update mixed set id = -id - 1 where id % 53 = {number} and id > 0",
        ][change - 1]


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_long_mix_leaves_the_server_whole(seed: int, server: Server) -> None:
    mix = Mix(seed)
    with server.connect() as connection:
        connection.autocommit = True
        connection.execute("drop table if exists mixed")
        connection.execute(
            "create table mixed (id int primary key, cat int, name text, tags text[], j jsonb, v vector(6))"
        )
        with connection.cursor() as cursor, cursor.copy("copy mixed from stdin") as copy:
            for number in range(ROWS):
                copy.write_row(mix.row(number))
        for statement in mix.statements():
            try:
                connection.execute(statement.encode())
            except psycopg.InternalError as error:
                if error.sqlstate == "XX000":
                    raise
            except psycopg.OperationalError:
                raise
            except psycopg.Error:
                pass  # a key that is taken, a failed block: what the statement deserves
        connection.execute("rollback")
