"""Time zones: input without a zone is in the session's, and hours that are missing or doubled are told."""

from __future__ import annotations

import pytest

from sqlvec.core.errors import SqlError
from sqlvec.core.types.output_format import OutputFormat
from sqlvec.core.types.registry import type_by_name
from sqlvec.core.types.timezone import find_zone, session_timezone

KIND = type_by_name("timestamptz")


@pytest.mark.parametrize(("text", "instant"), [
    (b"2024-07-01 12:00:00", b"2024-07-01 10:00:00+00"),
    (b"2024-01-01 12:00:00", b"2024-01-01 11:00:00+00"),
    (b"2024-03-31 02:30:00", b"2024-03-31 01:30:00+00"),  # never happened
    (b"2024-10-27 02:30:00", b"2024-10-27 01:30:00+00"),  # happened twice
    (b"Jan 1 2024 12:00", b"2024-01-01 11:00:00+00"),
])  # fmt: skip
def test_text_without_a_zone_is_in_the_sessions(text, instant):
    with session_timezone("Europe/Berlin"):
        array = KIND.text.decode([text])
    assert KIND.text.encode(array, OutputFormat()).to_pylist() == [instant]


@pytest.mark.parametrize(("name", "text"), [
    ("+02", b"1970-01-01 02:00:00+02"), ("-05:30", b"1969-12-31 18:30:00-05:30"), ("<+02>-02",
    b"1970-01-01 02:00:00+02"),
    ("europe/berlin", b"1970-01-01 01:00:00+01"), ("UTC", b"1970-01-01 00:00:00+00"),
])  # fmt: skip
def test_zones_are_names_of_any_case_or_offsets(name, text):
    array = KIND.text.decode([b"epoch"])
    assert KIND.text.encode(array, OutputFormat(timezone=name)).to_pylist() == [text]


def test_a_zone_that_does_not_exist_is_refused():
    with pytest.raises(SqlError, match='time zone "Nowhere" not recognized'):
        find_zone("Nowhere")


def test_far_future_years_follow_the_zones_rule():
    array = KIND.text.decode([b"2150-07-01 12:00:00+00", b"20000-01-01 12:00:00+00"])
    texts = KIND.text.encode(array, OutputFormat(timezone="Europe/Berlin")).to_pylist()
    assert texts == [b"2150-07-01 14:00:00+02", b"20000-01-01 13:00:00+01"]
