"""Store: commits, snapshots and indexes stay in step, whoever comes in between."""

from __future__ import annotations

import threading

import pytest

import sqlvec
from sqlvec.core.errors import SqlError

# With an effort of its own the index is used for a few rows, too.
FORCED = "set sqlvec.force_strategy = filtered_index; set hnsw.ef_search = 400"


@pytest.fixture
def database(tmp_path):
    with sqlvec.Database(tmp_path / "d") as database:
        yield database


@pytest.fixture
def connection(database):
    with database.connect() as connection:
        connection.execute("create table items (id int primary key, name text, v vector(3))")
        connection.execute(
            "insert into items select i, 'n' || i, ('[' || i || ',0,0]')::vector from generate_series(1, 100) g (i)"
        )
        yield connection


def nearest(connection, x, limit=1):
    sql = "select id from items order by v <-> $1::vector limit $2"
    return [row[0] for row in connection.execute(sql, [f"[{x},0,0]", limit])]


def index_files(database):
    return sorted((database.path / "databases" / "postgres" / "indexes").iterdir())


def index(connection, name="items_v"):
    connection.execute(f"create index {name} on items using hnsw (v vector_l2_ops)")
    connection.execute(FORCED)


def test_a_row_inserted_and_deleted_in_one_transaction_is_not_found(connection):
    index(connection)
    assert nearest(connection, 50) == [50]
    connection.execute("begin")
    connection.execute("insert into items values (1000, 'x', '[500,0,0]')")
    connection.execute("delete from items where id = 1000")
    connection.execute("commit")
    assert nearest(connection, 500) == [100]


def test_a_vector_updated_twice_in_one_transaction_is_found_once(connection):
    index(connection)
    nearest(connection, 50)
    connection.execute("begin")
    connection.execute("update items set v = '[500,0,0]' where id = 7")
    connection.execute("update items set v = '[700,0,0]' where id = 7")
    connection.execute("commit")
    assert nearest(connection, 500, 3) == [7, 100, 99]
    assert len(nearest(connection, 0, 200)) == 100


def test_a_row_inserted_and_renamed_in_one_transaction_has_its_last_name(connection):
    assert connection.execute("select name from items order by v <-> '[3,0,0]' limit 1").fetchall() == [
        ("n3",)
    ]
    connection.execute("begin")
    connection.execute("insert into items values (1000, 'x', '[500,0,0]')")
    connection.execute("update items set name = 'y' where id = 1000")
    connection.execute("commit")
    assert connection.execute("select name from items order by v <-> '[500,0,0]' limit 1").fetchall() == [
        ("y",)
    ]


def test_a_rolled_back_index_leaves_no_file_and_no_build(database, connection):
    connection.execute("begin")
    connection.execute("create index items_v on items using hnsw (v vector_l2_ops)")
    connection.execute("rollback")
    database.engine.store.maintenance.drain()
    assert index_files(database) == []
    assert database.engine.store.builds == {}
    assert nearest(connection, 50) == [50]


def test_a_dropped_index_takes_its_file_along(database, connection):
    index(connection)
    assert len(index_files(database)) == 1
    connection.execute("drop index items_v")
    assert index_files(database) == []


def test_an_index_dropped_while_it_was_built_is_not_attached(database, connection):
    store = database.engine.store
    index(connection)
    table = store.catalog.table(connection.execute("select 'items'::regclass::oid").fetchone()[0])
    built = store.build_index(table, table.indexes[0])
    connection.execute("drop table items")
    store.attach(table.oid, built)
    assert store.indexes_of(table.oid) == []
    assert index_files(database) == []


def test_a_search_in_a_dropped_table_is_an_undefined_table(database, connection):
    oid = connection.execute("select 'items'::regclass::oid").fetchone()[0]
    connection.execute("drop table items")
    with pytest.raises(SqlError) as caught:
        database.engine.store.snapshot(oid, ["v"])
    assert caught.value.sqlstate == "42P01"


def test_renaming_column_and_index_keeps_the_index(connection):
    index(connection)
    connection.execute("alter table items rename column v to w")
    connection.execute("alter index items_v rename to items_w")
    plan = str(
        connection.execute("explain select id from items order by w <-> '[50,0,0]' limit 1").fetchall()
    )
    assert "items_w" in plan
    assert connection.execute("select id from items order by w <-> '[50,0,0]' limit 1").fetchall() == [(50,)]


def test_a_rewritten_column_is_indexed_anew(database, connection):
    index(connection)
    assert nearest(connection, 3) == [3]
    connection.execute("alter table items alter column v type vector(3) using v * '[2,1,1]'")
    database.engine.store.maintenance.drain()
    assert nearest(connection, 6) == [3]
    assert nearest(connection, 200) == [100]
    assert len(index_files(database)) == 1


def test_truncate_and_rows_after_it(connection):
    index(connection)
    connection.execute("truncate items")
    assert nearest(connection, 3) == []
    connection.execute("insert into items values (1, 'a', '[9,0,0]')")
    assert nearest(connection, 3) == [1]


def test_files_of_no_index_are_removed_at_the_start(tmp_path):
    with sqlvec.Database(tmp_path / "d") as database:
        folder = database.engine.store.index_path(1).parent
    (folder / "4711.index").write_bytes(b"left behind")
    with sqlvec.Database(tmp_path / "d") as database:
        assert index_files(database) == []


def test_many_commits_are_one_item_of_maintenance(database, connection):
    index(connection)
    maintenance = database.engine.store.maintenance
    maintenance.drain()
    waiting = []
    original = maintenance._do
    gate = threading.Event()

    def slow(*item):
        gate.wait(30)
        waiting.append(item)
        original(*item)

    maintenance._do = slow
    for number in range(1000, 1050):
        connection.execute(f"insert into items values ({number}, 'x', '[{number},0,0]')")
    gate.set()
    maintenance.drain()
    assert len(waiting) <= 2


def test_an_error_in_maintenance_does_not_end_it(database, connection, monkeypatch):
    index(connection)
    maintenance = database.engine.store.maintenance
    maintenance.drain()
    calls = []

    def broken(*item):
        calls.append(item)
        raise KeyError("a bug")

    monkeypatch.setattr(maintenance, "_do", broken)
    for number in (1000, 1001):
        connection.execute(f"insert into items values ({number}, 'x', '[{number},0,0]')")
        maintenance.drain()
    assert len(calls) == 2


def test_each_committed_row_is_found_by_the_next_search(database, connection):
    """Writers insert, then look for what they inserted; meanwhile others delete, fold and build anew."""
    index(connection)
    faults: list[object] = []

    def write(first):
        try:
            with database.connect() as own:
                own.execute(FORCED)
                for number in range(first, first + 250):
                    own.execute(f"insert into items values ({number}, 'w', '[{number},0,0]')")
                    if nearest(own, number) != [number]:
                        faults.append(number)
                    if number % 5 == 0:
                        own.execute(f"delete from items where id = {number}")
                        if nearest(own, number) == [number]:
                            faults.append(-number)
        except Exception as error:
            faults.append(error)

    def disturb():
        try:
            with database.connect() as own:
                for _ in range(4):
                    own.execute("vacuum items")
                    own.execute("reindex index items_v")
        except Exception as error:
            faults.append(error)

    threads = [threading.Thread(target=write, args=[start]) for start in (10_000, 20_000, 30_000)]
    threads.append(threading.Thread(target=disturb))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert connection.execute("select count(*) from items").fetchall() == [(100 + 3 * 200,)]


def test_tables_come_and_go_under_searches(database, connection):
    faults: list[object] = []
    done = threading.Event()

    def search():
        with database.connect() as own:
            while not done.is_set():
                try:
                    own.execute("select id from short_lived order by v <-> '[1,2]' limit 1")
                except SqlError as error:
                    if error.sqlstate not in ("42P01", "40001"):
                        faults.append(error)

    thread = threading.Thread(target=search)
    thread.start()
    for _ in range(15):
        connection.execute("create table short_lived (id int, v vector(2))")
        connection.execute("insert into short_lived values (1, '[1,2]'), (2, '[3,4]')")
        connection.execute("create index on short_lived using hnsw (v vector_l2_ops)")
        connection.execute("drop table short_lived")
    done.set()
    thread.join()
    assert faults == []


def test_rows_after_reopening_are_those_before(tmp_path):
    with sqlvec.connect(tmp_path / "d") as first:
        first.execute("create table items (id int, v vector(3))")
        first.execute("create index items_v on items using hnsw (v vector_l2_ops)")
        first.execute(
            "insert into items select i, ('[' || i || ',0,0]')::vector from generate_series(1, 1000) g (i)"
        )
        first.execute("delete from items where id % 2 = 0")
        before = nearest(first, 501, 10)
    with sqlvec.connect(tmp_path / "d") as second:
        second.execute(FORCED)
        assert nearest(second, 501, 10) == before
        assert before[0] == 501
        assert len(set(before)) == 10
