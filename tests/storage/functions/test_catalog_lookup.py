def test_definitions_with_and_without_what_may_be_left_out(value):
    assert value("sqlvec_get_indexdef(5)") == "CREATE INDEX i5"
    assert value("sqlvec_get_indexdef(5::BIGINT, 0, true)") == "CREATE INDEX i5"
    assert value("sqlvec_get_indexdef(500)") is None
    assert value("sqlvec_get_constraintdef(5, true)") == "CHECK (x > 5)"
    assert value("sqlvec_get_constraintdef(NULL)") is None
    assert value("sqlvec_get_expr('x + 1', 5)") == "x + 1"
    assert value("sqlvec_get_expr(NULL, 5, true)") is None


def test_the_size_of_a_relation(value):
    assert value("sqlvec_relation_size(3, 'main')") == 24576
