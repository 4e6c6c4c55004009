import pytest

from sqlvec.core.errors import InvalidParameterValue
from sqlvec.storage.index.methods import METHODS
from sqlvec.storage.index.metric import Metric


def test_options_left_out_have_pgvectors_defaults():
    assert METHODS["hnsw"].parse_options({}) == {"m": 16, "ef_construction": 64}
    assert METHODS["ivfflat"].parse_options({}) == {"lists": 100}


def test_options_given_replace_the_defaults():
    assert METHODS["hnsw"].parse_options({"m": "8"}) == {"m": 8, "ef_construction": 64}


@pytest.mark.parametrize(
    ("method", "given", "message", "detail"),
    [
        ("hnsw", {"m": "1"}, 'value 1 out of bounds for option "m"', '"2" and "100"'),
        ("hnsw", {"m": "101"}, 'value 101 out of bounds for option "m"', '"2" and "100"'),
        (
            "hnsw",
            {"ef_construction": "3"},
            'value 3 out of bounds for option "ef_construction"',
            '"4" and "1000"',
        ),
        ("ivfflat", {"lists": "0"}, 'value 0 out of bounds for option "lists"', '"1" and "32768"'),
        ("ivfflat", {"lists": "32769"}, 'value 32769 out of bounds for option "lists"', '"1" and "32768"'),
    ],
)
def test_an_option_out_of_range_is_refused_as_postgresql_does(method, given, message, detail):
    with pytest.raises(InvalidParameterValue) as refused:
        METHODS[method].parse_options(given)
    assert refused.value.message == message
    assert refused.value.detail == f"Valid values are between {detail}."


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"x": "1"}, 'unrecognized parameter "x"'),
        ({"m": "many"}, 'invalid value for integer option "m": many'),
        ({"m": "40"}, "ef_construction must be greater than or equal to 2 * m"),
    ],
)
def test_options_that_make_no_sense_are_refused(given, message):
    with pytest.raises(InvalidParameterValue, match="^" + message.replace("*", r"\*") + "$"):
        METHODS["hnsw"].parse_options(given)


def test_ivfflat_has_no_l1():
    assert Metric.L1 not in METHODS["ivfflat"].metrics
    assert METHODS["hnsw"].metrics == set(Metric)
