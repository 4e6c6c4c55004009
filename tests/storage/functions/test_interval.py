import pytest


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("scale(INTERVAL 1 MONTH, 1.5)", "1 month 15 days"),
        ("scale(INTERVAL 1 DAY, 0.5)", "12:00:00"),
        ("scale(INTERVAL 1 MONTH, -0.1)", "-3 days"),
        ("divide(INTERVAL 1 MONTH, 7)", "4 days 06:51:25.6896"),
        ("scale(INTERVAL 10 SECOND, 1e-7)", "00:00:00.000001"),
    ],
)
def test_fractions_are_handed_down(value, expression, text):
    assert value(f"sqlvec_interval_{expression}::VARCHAR") == text


@pytest.mark.parametrize("factor", ["1e30", "'nan'", "'inf'"])
def test_intervals_out_of_range_are_refused(failure, factor):
    error = ("22008", "interval out of range")
    assert failure(f"sqlvec_interval_scale(INTERVAL 1 MONTH, {factor}::DOUBLE)") == error


def test_an_interval_by_zero_is_refused(failure):
    assert failure("sqlvec_interval_divide(INTERVAL 1 DAY, 0)") == ("22012", "division by zero")


def test_thirty_days_are_a_month_of_the_same_sign(value):
    assert value("sqlvec_justify_days(INTERVAL 65 DAY)::VARCHAR") == "2 months 5 days"
    assert value("sqlvec_justify_days(INTERVAL (-35) DAY)::VARCHAR") == "-1 month -5 days"
    assert value("sqlvec_justify_days(INTERVAL 1 MONTH - INTERVAL 5 DAY)::VARCHAR") == "25 days"


def test_nulls_stay_null_and_do_no_harm(cursor):
    sql = (
        "SELECT sqlvec_interval_scale(i, f)::VARCHAR, sqlvec_interval_divide(i, f)::VARCHAR, "
        "sqlvec_justify_days(i)::VARCHAR "
        "FROM (VALUES (INTERVAL 1 DAY, 2), (NULL, 2), (INTERVAL 30 DAY, NULL)) t(i, f)"
    )
    assert cursor.rows(sql) == [("2 days", "12:00:00", "1 day"), (None, None, None), (None, None, "1 month")]
