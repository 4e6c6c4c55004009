"""Constraints that we check ourselves: between sessions, across savepoints, and what indexes hear of them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import sqlvec
from sqlvec.core.errors import (
    DeadlockDetected,
    ForeignKeyViolation,
    LockNotAvailable,
    SerializationFailure,
    UniqueViolation,
)
from sqlvec.database import Connection
from tests.support.waiting import Waiting


@pytest.fixture
def database() -> Iterator[sqlvec.Database]:
    with sqlvec.Database() as opened:
        with opened.connect() as connection:
            connection.execute("create table parents (id int primary key, n int, v vector(2))")
            connection.execute("create table children (id int primary key, p int references parents)")
            connection.execute("insert into parents values (1, 0, '[1,1]'), (2, 0, '[2,2]')")
        yield opened


@pytest.fixture
def one(database: sqlvec.Database) -> Iterator[Connection]:
    with database.connect() as connection:
        yield connection


@pytest.fixture
def two(database: sqlvec.Database) -> Iterator[Connection]:
    with database.connect() as connection:
        yield connection


@pytest.mark.parametrize(
    ("end", "error"), [("commit", "still referenced"), ("rollback", None)]
)  # fmt: skip
@pytest.mark.parametrize(
    "removal", ["delete from parents where id = 1", "update parents set id = 9 where id = 1"]
)
def test_who_removes_a_key_waits_for_who_uses_it(
    one: Connection, two: Connection, removal: str, end: str, error: str | None
) -> None:
    one.execute("begin")
    one.execute("insert into children values (1, 1)")
    waiting = Waiting(two, removal)
    assert waiting.is_blocked
    one.execute(end)
    if error is None:
        waiting.end()
    else:
        with pytest.raises(ForeignKeyViolation, match="children_p_fkey") as caught:
            waiting.end()
        assert error in (caught.value.detail or "")


@pytest.mark.parametrize(
    ("end", "error"), [("commit", "is not present"), ("rollback", None)]
)  # fmt: skip
@pytest.mark.parametrize(
    "removal", ["delete from parents where id = 1", "update parents set id = 9 where id = 1"]
)
def test_who_uses_a_key_waits_for_who_removes_it(
    one: Connection, two: Connection, removal: str, end: str, error: str | None
) -> None:
    one.execute("begin")
    one.execute(removal)
    waiting = Waiting(two, "insert into children values (1, 1)")
    assert waiting.is_blocked
    one.execute(end)
    if error is None:
        waiting.end()
        assert two.execute("select p from children").fetchall() == [(1,)]
    else:
        with pytest.raises(ForeignKeyViolation, match="children_p_fkey") as caught:
            waiting.end()
        assert error in (caught.value.detail or "")
        assert two.execute("select p from children").fetchall() == []


def test_in_a_block_it_is_the_same_and_what_was_written_before_stays(
    one: Connection, two: Connection
) -> None:
    two.execute("begin")
    two.execute("insert into children values (7, 2)")
    one.execute("begin")
    one.execute("delete from parents where id = 1")
    waiting = Waiting(two, "insert into children values (1, 1)")
    assert waiting.is_blocked
    one.execute("rollback")
    waiting.end()
    two.execute("commit")
    assert one.execute("select id, p from children order by id").fetchall() == [(1, 1), (7, 2)]


def test_a_parent_that_is_not_committed_is_none_and_nobody_waits(one: Connection, two: Connection) -> None:
    one.execute("begin")
    one.execute("insert into parents values (3, 0, null)")
    with pytest.raises(ForeignKeyViolation):
        two.execute("insert into children values (1, 3)")
    one.execute("commit")
    two.execute("insert into children values (1, 3)")


def test_a_parent_committed_since_the_block_began_is_found(one: Connection, two: Connection) -> None:
    one.execute("begin")
    one.execute("insert into children values (1, 1)")
    two.execute("insert into parents values (3, 0, null)")
    one.execute("insert into children values (3, 3)")
    one.execute("commit")
    assert two.execute("select count(*) from children").fetchall() == [(2,)]


def test_a_parent_deleted_since_the_block_began_is_gone(one: Connection, two: Connection) -> None:
    one.execute("begin")
    one.execute("insert into children values (1, 1)")
    two.execute("delete from parents where id = 2")
    with pytest.raises(ForeignKeyViolation, match="children_p_fkey"):
        one.execute("insert into children values (3, 2)")
    one.execute("rollback")


def test_repeatable_read_fails_where_its_snapshot_is_too_old(one: Connection, two: Connection) -> None:
    one.execute("begin isolation level repeatable read")
    one.execute("select * from parents")
    two.execute("delete from parents where id = 2")
    two.execute("insert into children values (1, 1)")
    with pytest.raises(SerializationFailure):
        one.execute("insert into children values (3, 2)")
    one.execute("rollback")
    one.execute("begin isolation level repeatable read")
    one.execute("select * from parents")
    two.execute("insert into parents values (2, 0, null)")
    two.execute("insert into children values (2, 2)")
    with pytest.raises((SerializationFailure, ForeignKeyViolation)):
        one.execute("delete from parents where id = 1")
    one.execute("rollback")


def test_repeatable_read_does_not_overlook_children_it_cannot_see(one: Connection, two: Connection) -> None:
    one.execute("begin isolation level repeatable read")
    one.execute("select * from parents")
    two.execute("insert into children values (1, 1)")
    with pytest.raises(SerializationFailure):
        one.execute("delete from parents where id = 1")
    one.execute("rollback")


def test_a_child_that_is_being_deleted_is_waited_for(one: Connection, two: Connection) -> None:
    one.execute("insert into children values (1, 1)")
    one.execute("begin")
    one.execute("delete from children")
    waiting = Waiting(two, "delete from parents where id = 1 returning id")
    assert waiting.is_blocked
    one.execute("commit")
    assert waiting.end() == [(1,)]


def test_other_changes_of_the_parent_do_not_wait(one: Connection, two: Connection) -> None:
    one.execute("begin")
    one.execute("insert into children values (1, 1)")
    two.execute("update parents set n = n + 1, v = '[7,7]' where id = 1")
    two.execute("insert into children values (2, 1)")
    two.execute("insert into parents values (1, 0, null) on conflict do nothing")
    two.execute("delete from parents where id = 2")
    one.execute("insert into children values (3, 1)")
    one.execute("commit")
    assert two.execute("select count(*) from children where p = 1").fetchall() == [(3,)]


def test_a_cascade_takes_rows_that_were_inserted_while_it_waited(one: Connection, two: Connection) -> None:
    one.execute("create table parts (c int references children on delete cascade)")
    one.execute("insert into children values (1, null)")
    one.execute("begin")
    one.execute("insert into parts values (1), (1)")
    waiting = Waiting(two, "delete from children")
    assert waiting.is_blocked
    one.execute("commit")
    waiting.end()
    assert one.execute("select count(*) from parts").fetchall() == [(0,)]


def test_two_who_want_each_others_keys_deadlock(one: Connection, two: Connection) -> None:
    one.execute("begin")
    two.execute("begin")
    one.execute("insert into children values (1, 1)")
    two.execute("insert into children values (2, 2)")
    waiting = Waiting(one, "delete from parents where id = 2")
    assert waiting.is_blocked
    with pytest.raises(DeadlockDetected):
        two.execute("delete from parents where id = 1")
    waiting.end()
    two.execute("rollback")
    one.execute("commit")


def test_lock_timeout_ends_the_wait_for_a_key(one: Connection, two: Connection) -> None:
    one.execute("begin")
    one.execute("delete from parents where id = 1")
    two.execute("set lock_timeout = '100ms'")
    with pytest.raises(LockNotAvailable):
        two.execute("insert into children values (1, 1)")
    one.execute("rollback")


def test_who_adds_a_foreign_key_waits_for_writers_of_the_parent(one: Connection, two: Connection) -> None:
    one.execute("begin")
    one.execute("delete from parents where id = 2")
    waiting = Waiting(two, "create table others (p int references parents)")
    assert waiting.is_blocked
    one.execute("commit")
    waiting.end()


def test_rollback_to_brings_back_what_a_cascade_took(one: Connection) -> None:
    one.execute("create table parts (id int, c int references children on delete cascade on update cascade)")
    one.execute("insert into children values (1, 1), (2, 2)")
    one.execute("insert into parts values (10, 1), (20, 2)")
    one.execute("begin")
    one.execute("savepoint s")
    one.execute("delete from children where id = 1")
    one.execute("update children set id = 5 where id = 2")
    assert one.execute("select id, c from parts order by id").fetchall() == [(20, 5)]
    one.execute("rollback to s")
    assert one.execute("select id, c from parts order by id").fetchall() == [(10, 1), (20, 2)]
    one.execute("delete from children where id = 2")
    one.execute("commit")
    assert one.execute("select id, c from parts order by id").fetchall() == [(10, 1)]


def test_searches_follow_cascades(one: Connection) -> None:
    one.execute("create table parts (id int, c int references children on delete cascade, v vector(2))")
    one.execute("create index on parts using hnsw (v vector_l2_ops)")
    one.execute("insert into children values (1, null), (2, null)")
    one.execute("insert into parts values (1, 1, '[1,1]'), (2, 2, '[2,2]'), (3, 1, '[3,3]')")
    nearest = "select id from parts order by v <-> '[1,1]' limit 3"
    assert one.execute(nearest).fetchall() == [(1,), (2,), (3,)]
    one.execute("delete from children where id = 1")
    assert one.execute(nearest).fetchall() == [(2,)]


def test_a_deferred_key_is_checked_by_commit_alone(one: Connection, two: Connection) -> None:
    one.execute("create table later (p int references parents deferrable initially deferred)")
    one.execute("begin")
    one.execute("insert into later values (3)")
    two.execute("insert into parents values (3, 0, null)")
    one.execute("commit")
    one.execute("begin")
    one.execute("insert into later values (4)")
    with pytest.raises(ForeignKeyViolation, match="later_p_fkey"):
        one.execute("commit")
    assert one.execute("select p from later").fetchall() == [(3,)]
    one.execute("begin")
    one.execute("delete from parents where id = 3")
    waiting = Waiting(two, "insert into later values (3)")
    with pytest.raises(ForeignKeyViolation):
        one.execute("commit")
    waiting.end()


def test_deferred_checks_follow_savepoints_and_moved_rows(one: Connection) -> None:
    one.execute(
        "create table later (p int references parents deferrable initially deferred, v vector(2), n int)"
    )
    one.execute("begin")
    one.execute("savepoint s")
    one.execute("insert into later values (77, '[1,1]', 0)")
    one.execute("rollback to s")
    one.execute("insert into later values (78, '[1,1]', 0)")
    one.execute("update later set v = '[2,2]'")  # another row id
    one.execute("savepoint t")
    one.execute("delete from later")
    one.execute("rollback to t")
    with pytest.raises(ForeignKeyViolation, match="later_p_fkey") as caught:
        one.execute("commit")
    assert caught.value.detail == 'Key (p)=(78) is not present in table "parents".'


def test_two_deferred_equal_keys_in_two_sessions(one: Connection, two: Connection) -> None:
    one.execute("create table later (id int unique deferrable initially deferred)")
    one.execute("begin")
    one.execute("insert into later values (1)")
    waiting = Waiting(two, "insert into later values (1)")
    assert waiting.is_blocked
    one.execute("commit")
    with pytest.raises(UniqueViolation, match="later_id_key"):
        waiting.end()
    assert one.execute("select count(*) from later").fetchall() == [(1,)]


@pytest.mark.parametrize(
    ("end", "error"), [("commit", UniqueViolation), ("rollback", None)]
)  # fmt: skip
@pytest.mark.parametrize(
    "statement", ["insert into names values ('A', 1)", "update names set name = 'A' where name = 'b'"]
)
def test_equal_keys_of_an_expression_wait_for_each_other(
    one: Connection, two: Connection, statement: str, end: str, error: type[BaseException] | None
) -> None:
    one.execute("create table names (name text, n int)")
    one.execute("create unique index on names (lower(name)) where n > 0")
    one.execute("insert into names values ('b', 1)")
    one.execute("begin")
    one.execute("insert into names values ('a', 1)")
    waiting = Waiting(two, statement)
    assert waiting.is_blocked
    one.execute(end)
    if error is None:
        waiting.end()
    else:
        with pytest.raises(error, match="names_lower_idx"):
            waiting.end()


def test_an_upsert_over_a_partial_index_waits_for_the_row_in_its_way(
    one: Connection, two: Connection
) -> None:
    one.execute("create table names (name text, n int, is_live bool)")
    one.execute("create unique index on names (name) where is_live")
    one.execute("begin")
    one.execute("insert into names values ('a', 1, true)")
    upsert = (
        "insert into names values ('a', 1, true) on conflict (name) where is_live "
        "do update set n = names.n + 1 returning n"
    )
    waiting = Waiting(two, upsert)
    assert waiting.is_blocked
    one.execute("commit")
    assert waiting.end() == [(2,)]


def test_foreign_keys_survive_a_restart(tmp_path) -> None:
    with sqlvec.Database(tmp_path / "data") as opened, opened.connect() as connection:
        connection.execute("create table p (id int primary key)")
        connection.execute("create table c (p int references p on delete cascade deferrable)")
        connection.execute("insert into p values (1)")
        connection.execute("insert into c values (1)")
    with sqlvec.Database(tmp_path / "data") as opened, opened.connect() as connection:
        with pytest.raises(ForeignKeyViolation):
            connection.execute("insert into c values (2)")
        connection.execute("delete from p")
        assert connection.execute("select * from c").fetchall() == []


def test_keys_that_shift_are_unique_again_at_the_end(one: Connection) -> None:
    one.execute("create table shifted (id int primary key, n int)")
    one.execute("insert into shifted select g, g from generate_series(1, 5000) g")
    one.execute("update shifted set id = id + 1")
    one.execute("update shifted set id = 5002 - id")
    assert one.execute("select min(id), max(id), count(distinct id), sum(n) from shifted").fetchall() == [
        (1, 5000, 5000, 12502500)
    ]
    assert one.execute("select n from shifted where id = 5000").fetchall() == [(1,)]
    with pytest.raises(UniqueViolation, match="shifted_pkey"):
        one.execute("update shifted set id = id / 2")


def test_restrict_looks_at_each_row_and_no_action_at_the_whole(one: Connection) -> None:
    for name, action in (("strict", "restrict"), ("lenient", "no action")):
        one.execute(f"create table {name} (p int references parents on update {action} on delete {action})")
    one.execute("insert into lenient values (1), (2)")
    one.execute("update parents set id = 3 - id")
    one.execute("insert into strict values (1)")
    with pytest.raises(ForeignKeyViolation, match="strict_p_fkey"):  # 23503, as PostgreSQL 15 has it
        one.execute("update parents set id = 3 - id")
    with pytest.raises(ForeignKeyViolation, match="strict_p_fkey"):
        one.execute("delete from parents where id = 1")


def test_names_of_columns_may_be_any(one: Connection) -> None:
    one.execute('create table "P p" ("a b" int, parent int, place int, k0 int, unique ("a b", parent))')
    one.execute(
        'create table "C c" (rid int, k0 int, n0 int, c0 int, "order" int, '
        'foreign key (k0, "order") references "P p" ("a b", parent) on update cascade on delete set null)'
    )
    one.execute('insert into "P p" values (1, 2, 3, 4)')
    one.execute('insert into "C c" values (9, 1, 8, 7, 2)')
    one.execute('update "P p" set parent = 5')
    assert one.execute('select * from "C c"').fetchall() == [(9, 1, 8, 7, 5)]
    with pytest.raises(ForeignKeyViolation):
        one.execute('update "C c" set k0 = 6')
    one.execute('delete from "P p"')
    assert one.execute('select * from "C c"').fetchall() == [(9, None, 8, 7, None)]
