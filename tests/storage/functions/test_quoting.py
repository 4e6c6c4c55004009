def test_words_begin_with_a_capital(value):
    assert value("sqlvec_initcap('hi THOMAS_x 1abc o''neil')") == "Hi Thomas_X 1abc O'Neil"


def test_identifiers_are_quoted_only_if_they_must_be(value):
    assert value("sqlvec_quote_ident('plain_1')") == "plain_1"
    assert value("sqlvec_quote_ident('Mixed')") == '"Mixed"'
    assert value("sqlvec_quote_ident('select')") == '"select"'
    assert value("""sqlvec_quote_ident('a"b')""") == '"a""b"'


def test_literals_are_quoted(value):
    assert value("sqlvec_quote_literal('it''s')") == "'it''s'"
    assert value("sqlvec_quote_literal('a\\b')") == "E'a\\\\b'"
    assert value("sqlvec_quote_literal(NULL)") is None
