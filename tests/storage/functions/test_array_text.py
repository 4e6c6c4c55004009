import pytest


def test_literals_become_lists_of_texts(value):
    assert value("""sqlvec_array_in('{a,"b c", NULL ,"NULL"}')""") == ["a", "b c", None, "NULL"]
    assert value("sqlvec_array_in('{}')") == []
    assert value("CAST(sqlvec_array_in('{1,2,NULL}') AS INTEGER[])") == [1, 2, None]


def test_malformed_and_nested_literals_are_refused(failure):
    assert failure("sqlvec_array_in('{a')") == ("22P02", 'malformed array literal: "{a"')
    assert failure("sqlvec_array_in('{{1},{2}}')")[0] == "0A000"


@pytest.mark.parametrize(
    ("array", "text"),
    [
        ("['a', 'b c', NULL, '', 'null', 'x\"y']", '{a,"b c",NULL,"","null","x\\"y"}'),
        ("[1, 2]", "{1,2}"),
        ("[true, false]", "{t,f}"),
        ("[1.0::DOUBLE, 2.5]", "{1,2.5}"),
        ("[[1, 2], [3, 4]]", "{{1,2},{3,4}}"),
        ("[TIMESTAMP '2020-01-02 03:04:05']", '{"2020-01-02 03:04:05"}'),
        ("[]", "{}"),
        ("NULL", None),
        ("NULL::INTEGER[]", None),
    ],
)
def test_lists_of_any_type_become_literals(value, array, text):
    assert value(f"sqlvec_array_out({array})") == text


def test_elements_are_joined(value):
    assert value("sqlvec_array_to_string([1, NULL, 3], ',')") == "1,3"
    assert value("sqlvec_array_to_string([1, NULL, 3], ',', '*')") == "1,*,3"
    assert value("sqlvec_array_to_string([1, NULL, 3], ',', NULL)") == "1,3"
    assert value("sqlvec_array_to_string([[true], [false]], '')") == "tf"
    assert value("sqlvec_array_to_string([1.0::FLOAT, 2.5]::FLOAT[2], ' ')") == "1 2.5"
    assert value("sqlvec_array_to_string([], ',')") == ""
    assert value("sqlvec_array_to_string(NULL, ',')") is None
    assert value("sqlvec_array_to_string([1], NULL)") is None


def test_rows_with_nulls_are_joined(cursor):
    sql = "SELECT sqlvec_array_to_string(a, ',') FROM (VALUES ([1, 2]), (NULL), ([]), ([3])) t(a)"
    assert cursor.rows(sql) == [("1,2",), (None,), ("",), ("3",)]


def test_lengths_by_dimension(cursor, value):
    sql = "SELECT sqlvec_array_length(a, 1) FROM (VALUES ([1, 2]), (NULL), ([]), ([3])) t(a)"
    assert cursor.rows(sql) == [(2,), (None,), (None,), (1,)]
    assert value("sqlvec_array_length([[1, 2, 3], [4, 5, 6]], 2)") == 3
    assert value("sqlvec_array_length([1], 2)") is None
    assert value("sqlvec_array_length([1], 0)") is None
    assert value("sqlvec_array_length([1], NULL)") is None
    assert value("sqlvec_array_length([1, 2]::FLOAT[2], 1)") == 2
