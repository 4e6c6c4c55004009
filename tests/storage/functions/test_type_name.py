def test_types_are_formatted_with_their_modifier(value):
    assert value("sqlvec_format_type(23, -1)") == "integer"
    assert value("sqlvec_format_type(1043, 44)") == "character varying(40)"
    assert value("sqlvec_format_type(1007, NULL)") == "integer[]"
    assert value("sqlvec_format_type(1042, NULL)") == "character"
    assert value("sqlvec_format_type(0, -1)") == "-"
    assert value("sqlvec_format_type(99999999, -1)") == "???"
    assert value("sqlvec_format_type(NULL, -1)") is None


def test_names_of_types_are_found(value):
    assert value("sqlvec_to_regtype('integer')") == 23
    assert value("sqlvec_to_regtype('numeric(10,2)')") == 1700
    assert value("sqlvec_to_regtype('text[]')") == 1009
    assert value("sqlvec_to_regtype('nothing')") is None


def test_regtype_goes_between_names_and_oids(value):
    assert value("sqlvec_regtype_in('int4')") == 23
    assert value("sqlvec_regtype_in('25')") == 25
    assert value("sqlvec_regtype_out(1007)") == "integer[]"
    assert value("sqlvec_regtype_out('bigint')") == "bigint"
    assert value("sqlvec_regtype_out(0)") == "-"
