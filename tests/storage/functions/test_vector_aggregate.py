import pytest

ROWS = "FROM (VALUES ('a', [1, 2]::FLOAT[2]), ('a', NULL), ('b', NULL), ('a', [3, 5])) t(k, v)"


def test_nulls_are_left_out_and_a_group_of_nulls_has_no_value(cursor):
    values = "sqlvec_vector_sum(list(v)), sqlvec_vector_avg(list(v::FLOAT[]))"
    assert cursor.rows(f"SELECT k, {values} {ROWS} GROUP BY k ORDER BY k") == [
        ("a", [4.0, 7.0], [2.0, 3.5]),
        ("b", None, None),
    ]


def test_no_rows_have_neither_sum_nor_average(cursor):
    sql = f"SELECT sqlvec_vector_sum(list(v)), sqlvec_vector_avg(list(v)) {ROWS} WHERE false"
    assert cursor.rows(sql) == [(None, None)]


@pytest.mark.parametrize(
    ("name", "message"),
    [("sum", "different vector dimensions 2 and 1"), ("avg", "expected 2 dimensions, not 1")],
)
def test_vectors_of_a_group_have_one_dimension(failure, name, message):
    assert failure(f"sqlvec_vector_{name}([[1, 2], [1]]::FLOAT[][])") == ("22000", message)


def test_a_sum_beyond_float32_is_refused_but_an_average_is_not(value, failure):
    assert failure("sqlvec_vector_sum([[3e38], [3e38]]::FLOAT[][])") == (
        "22003",
        "value out of range: overflow",
    )
    assert value("sqlvec_vector_avg([[2], [4]]::FLOAT[][])") == [3.0]
