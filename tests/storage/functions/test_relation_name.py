def test_the_visibility_of_a_relation(cursor):
    visible = "SELECT sqlvec_table_is_visible(1, oid) FROM (VALUES (1), (1000), (NULL)) t(oid)"
    assert cursor.rows(visible) == [
        (True,),
        (False,),
        (None,),
    ]


def test_the_sequence_of_a_column(value):
    assert value("sqlvec_serial_sequence(1, 'items', 'id')") == "public.items_id_seq"
    assert value("sqlvec_serial_sequence(1, 'items', 'name')") is None


def test_regclass_goes_between_names_and_oids(value):
    assert value("sqlvec_regclass_in(1, 'items')") == 7
    assert value("sqlvec_regclass_in(1, '0')") == 0
    assert value("sqlvec_regclass_out(1, 7)") == "items"
    assert value("sqlvec_regclass_out(1, 'items')") == "items"
    assert value("sqlvec_regclass_out(1, 8)") == "8"
    assert value("sqlvec_regclass_out(1, 0)") == "-"
    assert value("sqlvec_regclass_out(1, NULL::BIGINT)") is None
