def test_definitions_with_and_without_what_may_be_left_out(value):
    assert value("sqlvec_get_indexdef(5)") == "CREATE INDEX i5"
    assert value("sqlvec_get_indexdef(5::BIGINT, 0, true)") == "CREATE INDEX i5"
    assert value("sqlvec_get_indexdef(500)") is None
    assert value("sqlvec_get_constraintdef(5, true)") == "CHECK (x > 5)"
    assert value("sqlvec_get_constraintdef(NULL)") is None
    assert value("sqlvec_get_expr('x + 1', 5)") == "x + 1"
    assert value("sqlvec_get_expr(NULL, 5, true)") is None


def test_size_and_visibility_of_a_relation(cursor, value):
    assert value("sqlvec_relation_size(3, 'main')") == 24576
    assert cursor.rows("SELECT sqlvec_table_is_visible(oid) FROM (VALUES (1), (1000), (NULL)) t(oid)") == [
        (True,),
        (False,),
        (None,),
    ]


def test_regclass_goes_between_names_and_oids(value):
    assert value("sqlvec_regclass_in(1, 'items')") == 7
    assert value("sqlvec_regclass_in(1, '0')") == 0
    assert value("sqlvec_regclass_out(1, 7)") == "items"
    assert value("sqlvec_regclass_out(1, 'items')") == "items"
    assert value("sqlvec_regclass_out(1, 8)") == "8"
    assert value("sqlvec_regclass_out(1, 0)") == "-"
    assert value("sqlvec_regclass_out(1, NULL::BIGINT)") is None
