import pytest


def test_arithmetic_goes_element_by_element(value):
    assert value("sqlvec_vector_add([1, 2]::FLOAT[], [3, 5]::FLOAT[2])") == [4.0, 7.0]
    assert value("sqlvec_vector_sub([1, 2]::FLOAT[], [3, 5]::FLOAT[])") == [-2.0, -3.0]
    assert value("sqlvec_vector_mul([1, 2]::FLOAT[], [3, 5]::FLOAT[])") == [3.0, 10.0]


@pytest.mark.parametrize(
    ("expression", "error"),
    [
        ("sqlvec_vector_add([3e38]::FLOAT[], [3e38]::FLOAT[])", ("22003", "value out of range: overflow")),
        ("sqlvec_vector_mul([1e-38]::FLOAT[], [1e-38]::FLOAT[])", ("22003", "value out of range: underflow")),
        (
            "sqlvec_vector_sub([1]::FLOAT[], [1, 2]::FLOAT[])",
            ("22000", "different vector dimensions 1 and 2"),
        ),
        ("sqlvec_subvector([1, 2]::FLOAT[], 3, 1)", ("22000", "vector must have at least 1 dimension")),
        ("sqlvec_subvector([1, 2]::FLOAT[], 1, 0)", ("22000", "vector must have at least 1 dimension")),
    ],
)
def test_results_that_are_no_vectors_are_refused(failure, expression, error):
    assert failure(expression) == error


def test_norm_and_normalisation(value):
    assert value("sqlvec_vector_norm([3, 4]::FLOAT[])") == 5.0
    assert value("sqlvec_l2_normalize([0, 2]::FLOAT[2])") == [0.0, 1.0]
    assert value("sqlvec_l2_normalize([0, 0]::FLOAT[])") == [0.0, 0.0]


def test_a_part_is_cut_at_the_ends(value):
    assert value("sqlvec_subvector([1, 2, 3, 4]::FLOAT[4], 2, 2)") == [2.0, 3.0]
    assert value("sqlvec_subvector([1, 2, 3]::FLOAT[], 2, 2147483647)") == [2.0, 3.0]
    assert value("sqlvec_subvector([1, 2, 3]::FLOAT[], -1, 3)") == [1.0]


def test_null_rows_stay_null_between_others(cursor):
    rows = cursor.rows(
        "SELECT sqlvec_l2_normalize(v), sqlvec_vector_norm(v), sqlvec_subvector(v, 1, 1), "
        "sqlvec_vector_add(v, v), "
        "sqlvec_check_dimensions(v, 2) FROM (VALUES ([3, 4]::FLOAT[2]), (NULL), ([0, 1])) t(v)"
    )
    assert rows[1] == (None,) * 5
    assert rows[2] == ([0.0, 1.0], 1.0, [0.0], [0.0, 2.0], [0.0, 1.0])


def test_a_vector_that_fits_its_column_passes(value):
    assert value("sqlvec_check_dimensions([1, 2]::FLOAT[], 2)") == [1.0, 2.0]
    assert value("sqlvec_check_dimensions([1, 2, 3]::FLOAT[], -1)") == [1.0, 2.0, 3.0]


@pytest.mark.parametrize(
    ("vector", "error"),
    [
        ("[1, 2, 3, 4]", ("22000", "expected 3 dimensions, not 4")),
        ("[]", ("22000", "vector must have at least 1 dimension")),
        ("[1, NULL, 3]", ("22004", "array must not contain nulls")),
        ("[1, 'nan'::FLOAT, 3]", ("22000", "NaN not allowed in vector")),
        ("[1, '-inf'::FLOAT, 3]", ("22000", "infinite value not allowed in vector")),
        ("range(16001)", ("54000", "vector cannot have more than 16000 dimensions")),
    ],
)
def test_a_vector_that_does_not_is_refused(failure, vector, error):
    assert failure(f"sqlvec_check_dimensions({vector}::FLOAT[], 3)") == error
