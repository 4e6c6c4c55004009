import pytest


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ('{"a": 1, "b": 2}', '{"bb": 3, "a": 4}', '{"a": 4, "b": 2, "bb": 3}'),
        ("[1]", "[2]", "[1, 2]"),
        ("1", "2", "[1, 2]"),
        ('{"a": 1}', "2", '[{"a": 1}, 2]'),
        ("[]", '{"a": 1.50}', '[{"a": 1.50}]'),
    ],
)
def test_concatenation(value, left, right, expected):
    assert value("sqlvec_jsonb_concat(?, ?)", left, right) == expected


def test_the_type_of_what_is_deleted_decides(value):
    assert value("""sqlvec_jsonb_delete('{"a": 1, "1": 2}'::JSON, '1')""") == '{"a": 1}'
    assert value("""sqlvec_jsonb_delete('["a", "1", 1]'::JSON, '1')""") == '["a", 1]'
    assert value("""sqlvec_jsonb_delete('["a", "1", 1]'::JSON, 1)""") == '["a", 1]'
    assert value("""sqlvec_jsonb_delete('["a", "1", 1]', -1::BIGINT)""") == '["a", "1"]'
    assert value("""sqlvec_jsonb_delete('{"a": 1, "b": 2, "c": 3}'::JSON, ['a', 'c'])""") == '{"b": 2}'
    assert value("sqlvec_jsonb_delete('{}'::JSON, NULL)") is None


def test_what_cannot_be_deleted_is_told(failure):
    assert failure("sqlvec_jsonb_delete('1'::JSON, 'a')") == ("22023", "cannot delete from scalar")
    message = "cannot delete from object using integer index"
    assert failure("sqlvec_jsonb_delete('{}'::JSON, 1)") == ("22023", message)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("""'{"a": 1}'::JSON, ['b'], '2'::JSON""", '{"a": 1, "b": 2}'),
        ("""'{"a": 1}'::JSON, ['b'], '2'::JSON, false""", '{"a": 1}'),
        ("""'{"a": [1, 2]}'::JSON, ['a', '-1'], '{"z":0,"y":1}'::JSON""", '{"a": [1, {"y": 1, "z": 0}]}'),
        ("""'[1]'::JSON, ['9'], '2'::JSON""", "[1, 2]"),
        ("""'[1]'::JSON, ['-9'], '2'::JSON""", "[2, 1]"),
        ("""'{"a": 1}'::JSON, ['b', 'c'], '2'::JSON""", '{"a": 1}'),
        ("""'{"a": 1}'::JSON, ['a'], NULL""", None),
    ],
)
def test_setting_at_a_path(value, arguments, expected):
    assert value(f"sqlvec_jsonb_set({arguments})") == expected


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ("'1'::JSON, ['a'], '2'::JSON", ("22023", "cannot set path in scalar")),
        ("'{}'::JSON, [NULL]::VARCHAR[], '2'::JSON", ("22004", "path element at position 1 is null")),
        ("'[1]'::JSON, ['a'], '2'::JSON", ("22P02", 'path element at position 1 is not an integer: "a"')),
    ],
)
def test_paths_that_lead_nowhere_are_refused(failure, arguments, error):
    assert failure(f"sqlvec_jsonb_set({arguments})") == error


def test_normal_form_is_of_type_json(cursor):
    sql = """SELECT typeof(j), j FROM (SELECT sqlvec_jsonb('{"bb":1.0,"a":1e2,"a":[ ]}') j)"""
    assert cursor.rows(sql) == [("JSON", '{"a": [], "bb": 1.0}')]


def test_malformed_json_is_refused(failure):
    assert failure("sqlvec_jsonb('{x')") == ("22P02", "invalid input syntax for type json")
    assert failure("sqlvec_jsonb('NaN')") == ("22P02", "invalid input syntax for type json")


def test_nulls_are_stripped_from_objects_alone(value):
    assert (
        value("""sqlvec_jsonb_strip_nulls('{"a": null, "b": [null, {"c": null}]}')""") == '{"b": [null, {}]}'
    )


def test_pretty_layout(value):
    text = value("""sqlvec_jsonb_pretty('{"a":[1,{}],"b":"x"}')""")
    assert text == '{\n    "a": [\n        1,\n        {\n        }\n    ],\n    "b": "x"\n}'


@pytest.mark.parametrize(
    ("document", "path", "expected"),
    [
        ('{"a": {"b": 1, "c": 2}}', ["a", "b"], '{"a": {"c": 2}}'),
        ('{"a": 1}', ["x"], '{"a": 1}'),
        ("[1, 2, 3]", ["-1"], "[1, 2]"),
        ('[{"a": 1}]', ["0", "a"], "[{}]"),
        ("[1]", [], "[1]"),
    ],
)
def test_deletion_at_a_path(value, document, path, expected):
    assert value("sqlvec_jsonb_delete_path(?, ?)", document, path) == expected
