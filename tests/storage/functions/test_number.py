import pytest


@pytest.mark.parametrize(
    ("arguments", "bucket"),
    [
        ("5.35, 0.024, 10.06, 5", 3),
        ("-1, 0, 10, 5", 0),
        ("10, 0, 10, 5", 6),
        ("0, 0, 10, 5", 1),
        ("9, 10, 0, 5", 1),
    ],
)
def test_buckets(value, arguments, bucket):
    assert value(f"sqlvec_width_bucket({arguments})") == bucket


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("1, 0, 1, 0", "count must be greater than zero"),
        ("1, 1, 1, 1", "lower bound cannot equal upper bound"),
        ("'nan'::DOUBLE, 0, 1, 1", "operand, lower bound, and upper bound cannot be NaN"),
        ("1, 0, 'inf'::DOUBLE, 1", "lower and upper bounds must be finite"),
    ],
)
def test_bounds_that_make_no_buckets_are_refused(failure, arguments, message):
    assert failure(f"sqlvec_width_bucket({arguments})") == ("2201G", message)


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 bytes"),
        (10239, "10239 bytes"),
        (10240, "10 kB"),
        (-123456789, "-118 MB"),
        (2**63 - 1, "8192 PB"),
    ],
)
def test_sizes_for_people(value, size, text):
    assert value("sqlvec_size_pretty(?::BIGINT)", size) == text
