from itertools import pairwise

import pytest

ASCENDING = (
    "[]", "null", '""', '"a"', '"ab"', '"b"', "-12.3", "-12", "-1e-5", "0", "1e-5", "1", "12", "12.3", "1e30",
    "false", "true", "[null]", '["a"]', "[[]]", "[1, 1]", "{}", '{"aa": 1}', '{"b": 1}', '{"b": 2}',
)  # fmt: skip


@pytest.mark.parametrize(("lower", "higher"), list(pairwise(ASCENDING)))
def test_documents_are_ordered_as_in_postgres(value, lower, higher):
    assert value("sqlvec_jsonb_key(?) < sqlvec_jsonb_key(?)", lower, higher)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("1", "1.0"),
        ("100", "1e2"),
        ('{"a": 1, "b": 2}', '{"b":2.0,"a":1}'),
        ("0", "-0.0"),
        ('"\\u0061"', '"a"'),
    ],
)
def test_spelling_makes_no_difference(value, left, right):
    assert value("sqlvec_jsonb_key(?) = sqlvec_jsonb_key(?)", left, right)
