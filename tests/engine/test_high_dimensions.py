"""Vectors of up to 16,000 dimensions: written, searched, indexed, sent, with little memory."""

from __future__ import annotations

import numpy as np
import pytest

import sqlvec
from sqlvec.core.outcome import CopyOut
from sqlvec.storage.duck import Duck


@pytest.fixture(params=[5_000, 16_000])
def connection(request):
    dimensions = request.param
    with sqlvec.connect() as connection:
        connection.execute(f"create table h (id int, v vector({dimensions}))")
        for number in range(4):
            vector = np.zeros(dimensions, np.float32)
            vector[number] = 1
            connection.execute("insert into h values ($1, $2)", (number, vector))
        connection.execute("insert into h values (4, null)")
        yield connection


def nearest(connection, condition="true"):
    sql = f"select id from h where {condition} order by v <-> (select v from h where id = 2), id limit 1"
    return connection.execute(sql).fetchall()


def test_high_dimensions_are_searched(connection):
    assert nearest(connection) == [(2,)]
    assert nearest(connection, "id < 3") == [(2,)]
    assert connection.execute("select count(v), max(v <-> v) from h").fetchall() == [(4, 0.0)]


@pytest.mark.parametrize("method", ["hnsw", "ivfflat"])
def test_high_dimensions_are_indexed(connection, method):
    options = "with (lists = 1)" if method == "ivfflat" else ""
    connection.execute(f"create index on h using {method} (v vector_l2_ops) {options}")
    connection.execute("set sqlvec.force_strategy = filtered_index; set hnsw.ef_search = 100")
    connection.execute("set ivfflat.probes = 1")
    plan = connection.execute(
        "explain select id from h order by v <-> (select v from h where id = 2) limit 1"
    )
    assert "using h_v_idx" in str(plan.fetchall())
    assert nearest(connection) == [(2,)]


def test_high_dimensions_are_copied_out(connection):
    outcome = next(iter(connection._session.run_simple("copy h to stdout")))
    assert isinstance(outcome, CopyOut)
    lines = b"".join(outcome.pieces).splitlines()
    assert [line.split(b"\t")[0] for line in lines] == [b"0", b"1", b"2", b"3", b"4"]


def test_the_export_of_a_wide_row_reserves_little():
    """DuckDB's limit counts what Arrow reserves: a million rows of these would be 64 GB."""
    duck = Duck(None, memory_limit="700MB", threads=1)
    cursor = duck.cursor()
    found = cursor.table("SELECT list_resize([1::FLOAT], 16000)::FLOAT[16000] AS v FROM range(300)")
    assert found.num_rows == 300
    assert max(chunk.nbytes for chunk in found.column("v").chunks) < 8 * 2**20
    cursor.close()
    duck.close()
