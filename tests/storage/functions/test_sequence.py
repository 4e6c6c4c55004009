def test_every_row_draws_a_fresh_value(cursor, host):
    rows = cursor.rows("SELECT sqlvec_nextval(7, 3, random()) FROM range(5000)")
    assert [row[0] for row in rows] == list(range(1, 5001))
    assert sum(count for _session, _oid, count in host.draws) == 5000


def test_rows_without_a_sequence_draw_nothing(cursor, host):
    sql = "SELECT sqlvec_nextval(7, oid, random()) FROM (VALUES (3), (NULL), (4), (3)) t(oid)"
    assert cursor.rows(sql) == [(1,), (None,), (1,), (2,)]


def test_setval_then_currval_and_state(value):
    assert value("sqlvec_setval(7, 3, 42, true)") == 42
    assert value("sqlvec_currval(7, 3)") == 42
    assert value("sqlvec_sequence_state(3)") == [42, 1]
    assert value("sqlvec_setval(7, 3, NULL, true)") is None


def test_lastval_is_asked_at_every_execution(cursor):
    cursor.rows("SELECT sqlvec_nextval(7, 3, random())")
    assert cursor.rows("SELECT sqlvec_lastval(7) FROM range(2)") == [(1,), (1,)]


def test_what_the_host_refuses_reaches_the_client(failure):
    message = 'currval of sequence "s" is not yet defined in this session'
    assert failure("sqlvec_currval(7, 99)") == ("55000", message)
