import time


def test_a_match_gives_its_groups(value):
    assert value("sqlvec_regexp_match('foobarbequebaz', '(bar)(beque)')") == ["bar", "beque"]
    assert value("sqlvec_regexp_match('foobar', 'o+')") == ["oo"]
    assert value("sqlvec_regexp_match('foobar', 'x')") is None


def test_a_group_that_took_no_part_is_null_and_an_empty_one_is_empty(value):
    assert value("sqlvec_regexp_match('a', '(a)(x)?')") == ["a", None]
    assert value("sqlvec_regexp_match('a', '(a)(x*)')") == ["a", ""]


def test_every_row_may_have_its_own_pattern(cursor):
    rows = "(VALUES ('ab', 'a'), ('ab', NULL), (NULL, 'a'), ('ab', '(b)'), ('ba', 'a')) t(a, b)"
    assert cursor.rows(f"SELECT sqlvec_regexp_match(a, b) FROM {rows}") == [
        (["a"],),
        (None,),
        (None,),
        (["b"],),
        (["a"],),
    ]


def test_similar_to_matches_all_of_the_text(value):
    assert value("sqlvec_similar_to('abc', '%(b|d)%')") is True
    assert value("sqlvec_similar_to('abc', '(b|c)%')") is False
    assert value("sqlvec_similar_to('a.c', 'a.c')") is True
    assert value("sqlvec_similar_to('abc', 'a.c')") is False
    assert value("sqlvec_similar_to('100%', '_+\\%')") is True
    assert value("sqlvec_similar_to(NULL, 'a')") is None


def test_patterns_that_are_none_are_refused(failure):
    state, message = failure("sqlvec_regexp_match('x', '(')")
    assert state == "2201B"
    assert message.startswith("invalid regular expression: ")
    assert failure("sqlvec_similar_to('x', '[')")[0] == "2201B"


def test_what_re2_cannot_do_is_not_supported(failure):
    message = "regular expressions with look-around or back references are not supported"
    assert failure("sqlvec_regexp_match('x', '(?=x)')") == ("0A000", message)
    assert failure("sqlvec_regexp_match('xx', '(x)\\1')") == ("0A000", message)


def test_no_pattern_takes_exponential_time(value):
    start = time.monotonic()
    assert value("sqlvec_regexp_match(repeat('a', 5000) || 'b', '^(a+)+$')") is None
    assert time.monotonic() - start < 5
