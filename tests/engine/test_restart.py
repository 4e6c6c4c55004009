from __future__ import annotations

from pathlib import Path

import sqlvec


def test_the_catalog_survives_a_restart(tmp_path: Path) -> None:
    with sqlvec.connect(tmp_path / "d") as connection:
        connection.execute(
            "create schema s; create table s.t (id int primary key, v vector(3), check (id > 0))"
        )
        connection.execute("create view few as select id from s.t where id < 10")
        connection.execute("insert into s.t values (1, '[1,2,3]')")
    with sqlvec.connect(tmp_path / "d") as connection:
        assert connection.execute("select * from few").fetchall() == [(1,)]
        assert connection.execute("select id from s.t order by v <-> '[1,2,3]' limit 1").fetchall() == [(1,)]
        connection.execute("alter table s.t add column name text")


def test_sequences_go_on_after_a_restart(tmp_path: Path) -> None:
    with sqlvec.connect(tmp_path / "d") as connection:
        connection.execute("create table t (id serial, n int); insert into t (n) values (1), (2)")
        connection.execute("create sequence stepped start 5 increment 5; select nextval('stepped')")
    with sqlvec.connect(tmp_path / "d") as connection:
        assert connection.execute("insert into t (n) values (3) returning id").fetchone() == (3,)
        assert connection.execute("select nextval('stepped')").fetchone() == (10,)


def test_what_was_rolled_back_is_not_there_after_a_restart(tmp_path: Path) -> None:
    with sqlvec.connect(tmp_path / "d") as connection:
        connection.execute("create table t (id int)")
        connection.execute("begin; insert into t values (1); create table u (a int)")
    with sqlvec.connect(tmp_path / "d") as connection:
        assert connection.execute("select count(*) from t").fetchone() == (0,)
        connection.execute("create table u (a int)")
