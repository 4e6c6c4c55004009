"""Roles: who may log in, what a role change does to plans, what survives a restart."""

from __future__ import annotations

from pathlib import Path

import pytest

from sqlvec.core.errors import SqlError
from sqlvec.core.scram import ScramVerifier
from sqlvec.database import Connection, Database


def refusal(database: Database, user: str) -> str:
    with pytest.raises(SqlError) as caught:
        database.connect(user)
    return f"{caught.value.sqlstate} {caught.value.message}"


def test_an_unknown_role_may_not_log_in(database: Database) -> None:
    assert refusal(database, "nobody") == '28000 role "nobody" does not exist'


def test_a_role_without_login_may_not_log_in(database: Database, connection: Connection) -> None:
    connection.execute("CREATE ROLE staff")
    assert refusal(database, "staff") == '28000 role "staff" is not permitted to log in'


def test_connections_of_a_role_are_limited(database: Database, connection: Connection) -> None:
    connection.execute("CREATE ROLE one LOGIN CONNECTION LIMIT 1")
    with database.connect("one"):
        assert refusal(database, "one") == '53300 too many connections for role "one"'
    database.connect("one").close()


def test_connect_is_a_privilege(database: Database, connection: Connection) -> None:
    connection.execute("CREATE ROLE guest LOGIN")
    connection.execute("REVOKE CONNECT ON DATABASE postgres FROM PUBLIC")
    assert refusal(database, "guest") == '42501 permission denied for database "postgres"'


def test_settings_of_role_and_database_hold_from_the_next_login(
    database: Database, connection: Connection
) -> None:
    connection.execute("CREATE ROLE tuned LOGIN")
    connection.execute("ALTER DATABASE postgres SET work_mem = '1MB'")
    connection.execute("ALTER ROLE tuned SET work_mem = '2MB'")
    with database.connect("tuned") as tuned, database.connect() as other:
        assert tuned.execute("SHOW work_mem").fetchall() == [("2MB",)]
        assert other.execute("SHOW work_mem").fetchall() == [("1MB",)]


def test_passwords_are_kept_as_verifiers(database: Database, connection: Connection) -> None:
    connection.execute("CREATE ROLE keeper LOGIN PASSWORD 'geheim' VALID UNTIL '2030-01-01 00:00:00+00'")
    role = database.engine.find_role("keeper")
    assert role is not None
    verifier = ScramVerifier.parse(role.verifier or "")
    assert verifier is not None
    assert verifier.accepts("geheim")
    assert role.valid_until is not None
    assert role.valid_until.year == 2030
    assert connection.execute("SELECT rolpassword FROM pg_roles WHERE rolname = 'keeper'").fetchall() == [
        ("********",)
    ]


def test_a_password_that_was_taken_away_does_not_come_back(
    database: Database, connection: Connection
) -> None:
    database.engine.tell_first_verifier("postgres", "from outside")
    found = database.engine.find_role("postgres")
    assert found is not None
    assert found.verifier == "from outside"
    connection.execute("ALTER ROLE postgres PASSWORD NULL")
    found = database.engine.find_role("postgres")
    assert found is not None
    assert found.verifier is None


def test_roles_and_privileges_outlive_a_restart(tmp_path: Path) -> None:
    with Database(tmp_path / "data", threads=1) as database, database.connect() as connection:
        connection.execute("CREATE ROLE reader LOGIN")
        connection.execute("CREATE TABLE t (a int, who name)")
        connection.execute("INSERT INTO t VALUES (1, 'reader'), (2, 'postgres')")
        connection.execute("GRANT SELECT ON t TO reader")
        connection.execute("ALTER TABLE t ENABLE ROW LEVEL SECURITY")
        connection.execute("CREATE POLICY mine ON t USING (who = current_user)")
    with Database(tmp_path / "data", threads=1) as database, database.connect("reader") as reader:
        assert reader.execute("SELECT a FROM t").fetchall() == [(1,)]
        with pytest.raises(SqlError) as caught:
            reader.execute("DELETE FROM t")
        assert caught.value.sqlstate == "42501"


# Plans ------------------------------------------------------------------------------------------------------


@pytest.fixture
def tenants(connection: Connection) -> Connection:
    for sql in (
        "CREATE ROLE ann",
        "CREATE ROLE ben",
        "CREATE TABLE notes (id int PRIMARY KEY, tenant name, body text)",
        "INSERT INTO notes VALUES (1, 'ann', 'a'), (2, 'ben', 'b')",
        "GRANT SELECT, INSERT ON notes TO ann, ben",
        "ALTER TABLE notes ENABLE ROW LEVEL SECURITY",
        "CREATE POLICY own ON notes USING (tenant = current_user)",
    ):
        connection.execute(sql)
    return connection


def test_a_plan_found_by_its_text_is_of_one_role(tenants: Connection) -> None:
    seen = []
    for role in ("ann", "ben", "ann"):
        tenants.execute(f"SET ROLE {role}")
        seen.append(tenants.execute("SELECT id FROM notes").fetchall())
    assert seen == [[(1,)], [(2,)], [(1,)]]


def test_a_prepared_statement_is_of_who_executes_it(tenants: Connection) -> None:
    tenants.execute("PREPARE q AS SELECT id FROM notes ORDER BY id")
    assert tenants.execute("EXECUTE q").fetchall() == [(1,), (2,)]
    tenants.execute("SET ROLE ben")
    assert tenants.execute("EXECUTE q").fetchall() == [(2,)]
    tenants.execute("RESET ROLE")
    tenants.execute("REVOKE SELECT ON notes FROM ben")
    tenants.execute("SET ROLE ben")
    with pytest.raises(SqlError) as caught:
        tenants.execute("EXECUTE q")
    assert caught.value.message == "permission denied for table notes"


def test_a_portal_bound_by_another_role_is_planned_anew(tenants: Connection) -> None:
    session = tenants._session
    session.prepare("q", "SELECT id FROM notes ORDER BY id", [])
    session.bind("p", "q", (), ())
    session.settings = session.settings.with_value("role", "ben")
    outcome = session.execute("p", 0)
    rows = [value for batch in outcome.stream for value in batch.column(0).to_pylist()]  # type: ignore[union-attr]
    assert rows == [2]


def test_policies_follow_the_settings_they_read(tenants: Connection) -> None:
    tenants.execute("DROP POLICY own ON notes")
    tenants.execute("CREATE POLICY own ON notes USING (tenant = current_setting('app.tenant', true))")
    tenants.execute("SET ROLE ann")
    assert tenants.execute("SELECT id FROM notes").fetchall() == []
    tenants.execute("SET app.tenant = 'ben'")
    assert tenants.execute("SELECT id FROM notes").fetchall() == [(2,)]
    insert = "INSERT INTO notes VALUES ($1, 'ben', 'x')"
    tenants.execute(insert, [3])
    tenants.execute("SET app.tenant = 'ann'")
    with pytest.raises(SqlError) as caught:
        tenants.execute(insert, [4])
    assert caught.value.message == 'new row violates row-level security policy for table "notes"'


def test_a_policys_names_are_not_the_askers(tenants: Connection) -> None:
    """A search_path of one's own must not put other tables into a policy, or a view."""
    for sql in (
        "CREATE TABLE members (who name)",
        "GRANT SELECT ON members TO ann",
        "DROP POLICY own ON notes",
        "CREATE POLICY own ON notes USING (current_user IN (SELECT who FROM members))",
        "CREATE SCHEMA AUTHORIZATION ann",
        "SET ROLE ann",
        "CREATE TABLE ann.members (who name)",
        "INSERT INTO ann.members VALUES ('ann')",
        "SET search_path = ann, public",
    ):
        tenants.execute(sql)
    assert tenants.execute("SELECT id FROM notes").fetchall() == []


def test_a_taken_key_of_a_hidden_row_is_not_shown(tenants: Connection) -> None:
    tenants.execute("SET ROLE ann")
    with pytest.raises(SqlError) as caught:
        tenants.execute("INSERT INTO notes VALUES (2, 'ann', 'x')")
    assert (caught.value.sqlstate, caught.value.detail) == ("23505", None)
