import pytest


@pytest.mark.parametrize(
    ("octets", "name", "text"),
    [
        (b"\x01\xff", "hex", "01ff"),
        (b"ab", "base64", "YWI="),
        (b"a" * 57, "base64", "YWFh" * 19 + "\n"),
        (b"a" * 58, "base64", "YWFh" * 19 + "\nYQ=="),
        (b"a\x00\\\xe9", "escape", "a\\000\\\\\\351"),
    ],
)
def test_bytes_go_there_and_back(value, octets, name, text):
    assert value("sqlvec_encode(?, ?)", octets, name) == text
    assert value("sqlvec_decode(?, ?)", text, name) == octets


@pytest.mark.parametrize(
    ("text", "name", "message"),
    [
        ("6g", "hex", 'invalid hexadecimal digit: "g"'),
        ("616", "hex", "invalid hexadecimal data: odd number of digits"),
        ("Y?I=", "base64", 'invalid symbol "?" found while decoding base64 sequence'),
        ("YWI", "base64", "invalid base64 end sequence"),
        ("x", "rot13", 'unrecognized encoding: "rot13"'),
    ],
)
def test_what_cannot_be_decoded_is_told(failure, text, name, message):
    assert failure(f"sqlvec_decode('{text}', '{name}')") == ("22023", message)
