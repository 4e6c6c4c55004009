from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from sqlvec.config import OPTIONS, ConfigError, ServerConfig, load_config
from tools.configuration_page import PAGE, with_table


def test_nothing_given_is_the_defaults():
    assert load_config({}, {}) == ServerConfig()


def test_every_field_has_an_option_and_the_other_way_round():
    assert {field.name for field in fields(ServerConfig)} == {option.name for option in OPTIONS}


def test_flag_beats_environment_beats_file_beats_default(tmp_path: Path):
    file = tmp_path / "sqlvec.toml"
    file.write_text('host = "file"\nport = 1\nmax_connections = 1\n')
    config = load_config(
        {"host": "flag", "port": None}, {"SQLVEC_HOST": "environment", "SQLVEC_PORT": "2"}, file
    )
    assert (config.host, config.port, config.max_connections) == ("flag", 2, 1)
    assert config.log_level == "info"


def test_the_environment_can_name_the_file(tmp_path: Path):
    file = tmp_path / "sqlvec.toml"
    file.write_text("port = 7\n")
    assert load_config({}, {"SQLVEC_CONFIG": str(file)}).port == 7


def test_every_option_can_come_from_every_source(tmp_path: Path):
    text = {
        "data": "/tmp/d", "host": "::1", "port": "1", "max_connections": "2", "log_level": "debug",
        "threads": "3", "memory_limit": "1GB",
    }  # fmt: skip
    expected = ServerConfig(Path("/tmp/d"), "::1", 1, 2, "debug", 3, 2**30)
    file = tmp_path / "sqlvec.toml"
    file.write_text("".join(f"{key} = {v if v.isdigit() else repr(v)}\n" for key, v in text.items()))
    assert load_config(text, {}) == expected
    assert load_config({}, {option.variable: text[option.name] for option in OPTIONS}) == expected
    assert load_config({}, {}, file) == expected


def test_an_empty_variable_is_not_set():
    assert load_config({}, {"SQLVEC_PORT": ""}).port == 5432


@pytest.mark.parametrize(
    ("flags", "environment", "message"),
    [
        ({"port": "x"}, {}, 'invalid port: "x" is not a whole number (from --port)'),
        ({}, {"SQLVEC_PORT": "65536"}, "invalid port: 65536 is not between 0 and 65535 (from SQLVEC_PORT)"),
        ({"host": " "}, {}, "invalid host: it is empty (from --host)"),
        (
            {"log_level": "loud"},
            {},
            'invalid log_level: "loud" is not one of debug, info, warning, error (from --log-level)',
        ),
        (
            {},
            {"SQLVEC_MEMORY_LIMIT": "4"},
            'invalid memory_limit: "4" is not a size such as "512MB" or "4GB" (from SQLVEC_MEMORY_LIMIT)',
        ),
        ({"memory_limit": "1kB"}, {}, 'invalid memory_limit: "1kB" is less than 64MB (from --memory-limit)'),
    ],
)
def test_a_bad_value_names_the_option_and_its_origin(
    flags: dict[str, str | None], environment: dict[str, str], message: str
):
    with pytest.raises(ConfigError) as caught:
        load_config(flags, environment)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("prot = 1\n", 'unknown option "prot" in FILE; did you mean "port"?'),
        ("port = 1.5\n", 'invalid port: 1.5 is not a whole number (from "port" in FILE)'),
        ("port = true\n", 'invalid port: True is not a whole number (from "port" in FILE)'),
        ("host = 1\n", 'invalid host: 1 is not a text (from "host" in FILE)'),
        ("port = \n", "FILE is not valid TOML: "),
    ],
)
def test_a_bad_file_is_explained(tmp_path: Path, text: str, message: str):
    file = tmp_path / "sqlvec.toml"
    file.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load_config({}, {}, file)
    assert str(caught.value).replace(str(file), "FILE").startswith(message)


def test_a_missing_file_is_an_error(tmp_path: Path):
    with pytest.raises(ConfigError, match="cannot read the configuration file"):
        load_config({}, {}, tmp_path / "none.toml")


def test_the_documentation_lists_the_options():
    page = PAGE.read_text(encoding="utf-8")
    assert page == with_table(page), "run 'make docs'"
