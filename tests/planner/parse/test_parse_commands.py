"""Transactions, settings, COPY, EXPLAIN, prepared statements, maintenance."""

from __future__ import annotations

import pytest

from sqlvec.core.errors import SqlError
from sqlvec.planner.parse import parse
from sqlvec.planner.statements import (
    Analyze,
    Begin,
    Checkpoint,
    Commit,
    Copy,
    CopyOptions,
    CreateTableAs,
    Deallocate,
    Discard,
    Execute,
    Insert,
    Query,
    Reindex,
    ReleaseSavepoint,
    ResetSetting,
    Rollback,
    RollbackTo,
    Savepoint,
    SetSetting,
    SetTransaction,
    ShowSetting,
    TransactionModes,
    TypeName,
    Vacuum,
)


def only(sql: str):
    (parsed,) = parse(sql)
    return parsed.statement


@pytest.mark.parametrize(
    ("sql", "statement"),
    [
        ("begin", Begin()),
        ("BEGIN WORK", Begin()),
        ("start transaction", Begin(tag="START TRANSACTION")),
        (
            "begin transaction isolation level repeatable read, read only not deferrable",
            Begin(TransactionModes("repeatable read", True, False)),
        ),
        ("begin isolation level read uncommitted", Begin(TransactionModes("read uncommitted"))),
        ("commit", Commit()),
        ("end transaction and chain", Commit(True)),
        ("rollback and no chain", Rollback()),
        ("abort work", Rollback()),
        ('savepoint "Sp"', Savepoint("Sp")),
        ("release sp", ReleaseSavepoint("sp")),
        ("release savepoint sp", ReleaseSavepoint("sp")),
        ("rollback work to savepoint sp", RollbackTo("sp")),
        ("rollback to sp", RollbackTo("sp")),
        ("set transaction read only", SetTransaction(TransactionModes(read_only=True))),
        (
            "set session characteristics as transaction isolation level serializable, read write",
            SetTransaction(TransactionModes("serializable", False), for_session=True),
        ),
    ],
)
def test_transaction(sql: str, statement: object) -> None:
    assert only(sql) == statement


@pytest.mark.parametrize(
    ("sql", "name", "value", "is_local"),
    [
        ("set statement_timeout = '5s'", "statement_timeout", "5s", False),
        ("SET HNSW.EF_SEARCH TO 100", "hnsw.ef_search", "100", False),
        ("set local x to -1.5", "x", "-1.5", True),
        ("set session x = on", "x", "on", False),
        ("set x = default", "x", None, False),
        ("set datestyle to iso, mdy", "datestyle", "iso, mdy", False),
        ('set search_path to "My S", public', "search_path", '"My S", public', False),
        ("set search_path = ''", "search_path", '""', False),
        ("set search_path = 'a, b'", "search_path", '"a, b"', False),
        ("set time zone 'UTC'", "timezone", "UTC", False),
        ("set local time zone local", "timezone", None, True),
        ("set time zone -5", "timezone", "-5", False),
        ("set time zone interval '-08:00' hour to minute", "timezone", "INTERVAL '-08:00'", False),
        ("set names 'utf8'", "client_encoding", "utf8", False),
        ("set role none", "role", "none", False),
        ("set session authorization default", "session_authorization", None, False),
        ("set schema 'x'", "search_path", "x", False),
        ("set local = 5", "local", "5", False),
        ("set transaction_isolation = 'serializable'", "transaction_isolation", "serializable", False),
    ],
)
def test_setting_is_a_name_and_a_value(sql: str, name: str, value: str | None, is_local: bool) -> None:
    statement = only(sql)
    assert isinstance(statement, SetSetting)
    assert (statement.name, statement.value, statement.is_local) == (name, value, is_local)


@pytest.mark.parametrize(
    ("sql", "statement"),
    [
        ("show all", ShowSetting("all", 6)),
        ("show TimeZone", ShowSetting("timezone", 6)),
        ("show time zone", ShowSetting("timezone", 6)),
        ("show transaction isolation level", ShowSetting("transaction_isolation", 6)),
        ("show x.y", ShowSetting("x.y", 6)),
        ("reset all", ResetSetting(None, 7)),
        ("reset x", ResetSetting("x", 7)),
        ("discard all", Discard("ALL")),
        ("discard temporary", Discard("TEMP")),
        ("checkpoint", Checkpoint()),
        ("deallocate prepare all", Deallocate(None)),
        ("deallocate prepare", Deallocate("prepare")),
        ("execute p", Execute("p")),
        ("vacuum", Vacuum()),
        ("analyze", Analyze()),
    ],
)
def test_short_commands(sql: str, statement: object) -> None:
    assert only(sql) == statement


@pytest.mark.parametrize(
    ("sql", "options"),
    [
        ("copy t from stdin", CopyOptions()),
        ("copy t from stdin with (format csv, header, delimiter ';')", CopyOptions("csv", ";", header=True)),
        ("copy t from stdin (format 'binary')", CopyOptions("binary")),
        ("copy t from stdin with csv header", CopyOptions("csv", header=True)),
        ("copy t to stdout with binary", CopyOptions("binary")),
        ("copy binary t from stdin", CopyOptions("binary")),
        ("copy t from stdin delimiter as '|' null as ''", CopyOptions(delimiter="|", null="")),
        ("copy t from stdin using delimiters ','", CopyOptions(delimiter=",")),
        (
            "copy t to stdout csv quote '\"' escape '\\' force quote a, b",
            CopyOptions("csv", quote='"', escape="\\", force_quote=("a", "b")),
        ),
        (
            "copy t to stdout (format csv, force_quote *, encoding 'utf8')",
            CopyOptions("csv", force_quote="*", encoding="utf8"),
        ),
        (
            "copy t from stdin (format csv, force_not_null (a), force_null (b), header match, freeze off)",
            CopyOptions("csv", header="match", force_not_null=("a",), force_null=("b",)),
        ),
    ],
)
def test_copy_options_old_and_new(sql: str, options: CopyOptions) -> None:
    copy = only(sql)
    assert isinstance(copy, Copy)
    assert (copy.options, copy.table.name, copy.file) == (options, "t", None)


def test_copy_of_columns_queries_and_files() -> None:
    copy = only('copy s.t (a, "B") from stdin where a > 1')
    assert (copy.direction, copy.columns, copy.where.text) == ("from", ("a", "B"), "a > 1")
    copy = only("copy (select ';)' from t) to stdout (format csv)")
    assert (copy.direction, copy.table, type(copy.query)) == ("to", None, Query)
    assert isinstance(only("copy (insert into t values (1) returning a) to stdout").query, Insert)
    assert only("copy t to '/tmp/x' with csv").file == "/tmp/x"
    assert only("copy t from program 'cat'").file == "PROGRAM cat"


@pytest.mark.parametrize(
    ("sql", "sqlstate", "message"),
    [
        ("copy t from stdin (frob)", "42601", 'option "frob" not recognized'),
        ("copy t from stdin (format frob)", "22023", 'COPY format "frob" not recognized'),
        ("copy t from stdin csv binary", "42601", "conflicting or redundant options"),
        ("copy t to stdout where a > 1", "42601", "WHERE clause not allowed with COPY TO"),
        ("explain (frob) select 1", "42601", 'unrecognized EXPLAIN option "frob"'),
        ("explain (timing) select 1", "22023", "EXPLAIN option TIMING requires ANALYZE"),
        ("explain (analyze, buffers) select 1", "0A000", "EXPLAIN option BUFFERS is not supported"),
        ("vacuum (frob) t", "42601", 'unrecognized VACUUM option "frob"'),
    ],
)
def test_wrong_options_are_refused(sql: str, sqlstate: str, message: str) -> None:
    with pytest.raises(SqlError) as caught:
        only(sql)
    assert (caught.value.sqlstate, caught.value.message) == (sqlstate, message)


def test_explain_with_options_in_both_styles() -> None:
    explain = only("explain (analyze, verbose off, costs false, timing 0, format json, recall on) select 1")
    assert (explain.analyze, explain.verbose, explain.costs, explain.timing) == (True, False, False, False)
    assert (explain.summary, explain.recall, explain.format) == (None, True, "json")
    explain = only("explain analyze verbose insert into t values (1)")
    assert (explain.analyze, explain.verbose, type(explain.statement)) == (True, True, Insert)
    assert isinstance(only("explain (select 1)").statement, Query)
    assert isinstance(only("explain execute p(1)").statement, Execute)
    assert isinstance(only("explain create table t as select 1").statement, CreateTableAs)


def test_prepare_keeps_the_inner_text_and_its_parameters_to_itself() -> None:
    (parsed,) = parse("prepare p (int, text[]) as insert into t values ($1, $2) ;")
    assert parsed.parameter_count == 0
    assert parsed.statement.text == "insert into t values ($1, $2)"
    assert parsed.statement.types == (
        TypeName("int4", position=12),
        TypeName("text", is_array=True, position=17),
    )
    with pytest.raises(SqlError):
        parse("prepare p as select from where")


def test_execute_takes_expressions() -> None:
    execute = only("execute p (1, f(2, 3), 'a,b')")
    assert [argument.text for argument in execute.arguments] == ["1", "f(2, 3)", "'a,b'"]


def test_maintenance_names_its_relations() -> None:
    assert [name.name for name in only("analyze verbose t, s.u (a, b)").names] == ["t", "u"]
    vacuum = only("vacuum (analyze, parallel 2) t")
    assert (vacuum.analyze, vacuum.names[0].name) == (True, "t")
    assert only("vacuum full freeze verbose analyze").analyze
    reindex = only("reindex (verbose) table concurrently s.t")
    assert isinstance(reindex, Reindex)
    assert (reindex.kind, reindex.name.schema) == ("TABLE", "s")
