import pytest

DOCUMENT = '{"a": [1, {"b": "x\\u0041"}, null], "n": 1.50, "o": {"z": 1, "aa": []}}'


@pytest.mark.parametrize(
    ("path", "json", "text"),
    [
        (["a", "1", "b"], '"xA"', "xA"),
        (["a", "-2", "b"], '"xA"', "xA"),
        (["n"], "1.50", "1.50"),
        (["o"], '{"z": 1, "aa": []}', '{"z": 1, "aa": []}'),
        (["a", "2"], "null", None),
        (["a", "3"], None, None),
        (["a", "b"], None, None),
        (["n", "x"], None, None),
        (["a", None], None, None),
    ],
)
def test_what_lies_at_a_path(value, path, json, text):
    assert value("sqlvec_json_path(?, ?::VARCHAR[])", DOCUMENT, path) == json
    assert value("sqlvec_json_path_text(?, ?::VARCHAR[])", DOCUMENT, path) == text


def test_an_empty_path_is_the_whole_document(value):
    assert value("sqlvec_json_path('[1,2]', [])") == "[1, 2]"


def test_keys_strings_of_arrays_and_a_string_exist(value):
    assert value("sqlvec_jsonb_exists('{\"a\": 1}', ['a', 'b'], 1)")
    assert not value("sqlvec_jsonb_exists('{\"a\": 1}', ['a', 'b'], 0)")
    assert value("sqlvec_jsonb_exists('[\"a\", 1]', ['a'], 1)")
    assert not value("sqlvec_jsonb_exists('[\"a\", 1]', ['1'], 1)")
    assert value("sqlvec_jsonb_exists('\"a\"', ['a'], 0)")
    assert value("sqlvec_jsonb_exists('{}', [], 0)")
    assert not value("sqlvec_jsonb_exists('{}', [], 1)")


def test_types_of_values(cursor):
    rows = cursor.rows(
        """SELECT sqlvec_json_typeof(j)
        FROM unnest(['{}', ' []', '"x"', '-1', 'true', 'false', 'null', NULL]) t(j)"""
    )
    names = [row[0] for row in rows]
    assert names == ["object", "array", "string", "number", "boolean", "boolean", "null", None]


def test_what_no_text_can_hold_is_refused(failure):
    assert failure("""sqlvec_json_path_text('{"a": "\\u0000"}', ['a'])""")[0] == "22P05"
    assert failure("""sqlvec_json_path_text('{"a": "\\ud800"}', ['a'])""")[0] == "22P02"


def test_a_document_nested_too_deep_is_refused(failure):
    assert failure("sqlvec_json_path(repeat('[', 100000) || repeat(']', 100000), ['0'])")[0] == "54001"
