from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from sqlvec.config import OPTIONS, ConfigError, ServerConfig, load_config
from sqlvec.wire.auth.rule import Method, Rule
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


TEXTS = {
    "data": "/tmp/d", "host": "::1", "port": "1", "max_connections": "9", "log_level": "debug",
    "threads": "3", "memory_limit": "1GB", "password": "secret", "password_file": "/p",
    "auth": "scram-sha-256", "hba": "host all all all reject", "allow_remote_trust": "on",
    "tls_cert": "/c", "tls_key": "/k", "tls_ca": "/a", "superuser_reserved_connections": "2",
    "authentication_timeout": "1min", "tcp_keepalives_idle": "10s", "tcp_keepalives_interval": "11",
    "tcp_keepalives_count": "4", "tcp_user_timeout": "500ms",
}  # fmt: skip
VALUES = {
    "data": Path("/tmp/d"), "host": "::1", "port": 1, "max_connections": 9, "log_level": "debug",
    "threads": 3, "memory_limit": 2**30, "password": "secret", "password_file": Path("/p"),
    "auth": Method.SCRAM, "hba": (Rule(method=Method.REJECT),), "allow_remote_trust": True,
    "tls_cert": Path("/c"), "tls_key": Path("/k"), "tls_ca": Path("/a"), "superuser_reserved_connections": 2,
    "authentication_timeout": 60.0, "tcp_keepalives_idle": 10.0, "tcp_keepalives_interval": 11.0,
    "tcp_keepalives_count": 4, "tcp_user_timeout": 0.5,
}  # fmt: skip
EXCLUSIVE = ({"password", "hba"}, {"password_file", "auth"})  # what cannot be given at once


def test_the_examples_are_complete():
    assert set(TEXTS) == set(VALUES) == {option.name for option in OPTIONS}


@pytest.mark.parametrize("left_out", EXCLUSIVE)
def test_every_option_can_come_from_every_source(tmp_path: Path, left_out: set[str]):
    text = {name: given for name, given in TEXTS.items() if name not in left_out}
    expected = ServerConfig(**{name: value for name, value in VALUES.items() if name not in left_out})
    file = tmp_path / "sqlvec.toml"
    file.write_text("".join(f"{key} = {v if v.isdigit() else repr(v)}\n" for key, v in text.items()))
    assert load_config(text, {}) == expected
    named = {option.variable: text[option.name] for option in OPTIONS if option.name in text}
    assert load_config({}, named) == expected
    assert load_config({}, {}, file) == expected


def test_rules_are_lines_and_tables(tmp_path: Path):
    file = tmp_path / "sqlvec.toml"
    file.write_text("""
hba = ["host all eve all reject", { address = "10.0.0.0/8", user = ["a", "b"], method = "scram-sha-256" }]
""")
    by_flag = "host all eve all reject; host all a,b 10.0.0.0/8 scram-sha-256"
    assert load_config({}, {}, file).hba == load_config({"hba": by_flag}, {}).hba
    file.write_text("""
[[hba]]
user = "eve"
method = "reject"
[[hba]]
type = "host"
database = "all"
user = ["a", "b"]
address = ["10.0.0.0/8"]
method = "scram-sha-256"
""")
    assert load_config({}, {}, file).hba == load_config({"hba": by_flag}, {}).hba


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        ({"tls_cert": "c"}, "tls_cert and tls_key need each other"),
        ({"tls_ca": "c"}, "tls_ca needs tls_cert and tls_key"),
        ({"password": "x", "password_file": "y"}, "give either a password or a password_file"),
        ({"auth": "trust", "hba": "host all all all trust"}, "give either auth or hba"),
        ({"hba": "hostssl all all all trust"}, "hba has hostssl rules, which need tls_cert and tls_key"),
        ({"auth": "cert"}, "client certificates are asked for, which needs tls_ca"),
        (
            {"hba": "hostssl all all all trust clientcert=verify-ca", "tls_cert": "c", "tls_key": "k"},
            "client certificates are asked for, which needs tls_ca",
        ),
        (
            {"max_connections": "3", "superuser_reserved_connections": "3"},
            "superuser_reserved_connections must be less than max_connections",
        ),
    ],
)
def test_options_that_do_not_fit_together(flags: dict[str, str | None], message: str):
    with pytest.raises(ConfigError, match=message):
        load_config(flags, {})


def test_few_connections_reserve_fewer():
    assert load_config({"max_connections": "2"}, {}).superuser_reserved_connections == 1


def test_a_password_is_not_shown():
    assert "secret" not in repr(load_config({"password": "secret"}, {}))


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
        (
            {"authentication_timeout": "1 day"},
            {},
            'invalid authentication_timeout: "1 day" is not a time such as "30s" or "1min" '
            "(from --authentication-timeout)",
        ),
        (
            {"authentication_timeout": "1h"},
            {},
            'invalid authentication_timeout: "1h" is not between 1 and 600 seconds '
            "(from --authentication-timeout)",
        ),
        (
            {"allow_remote_trust": "perhaps"},
            {},
            'invalid allow_remote_trust: "perhaps" is not on or off (from --allow-remote-trust)',
        ),
        ({"auth": "md5"}, {}, 'invalid auth: authentication method "md5" is not supported (from --auth)'),
        (
            {},
            {"SQLVEC_HBA": "host all all trust"},
            'invalid hba: expected TYPE DATABASE USER ADDRESS METHOD in "host all all trust" '
            "(from SQLVEC_HBA)",
        ),
        ({"hba": " ;"}, {}, "invalid hba: it has no rules (from --hba)"),
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
        ("password = 1\n", 'invalid password: it is not a text (from "password" in FILE)'),
        ('hba = [{ user = "u" }]\n', 'invalid hba: a rule has no "method" (from "hba" in FILE)'),
        ('hba = [{ mehtod = "trust" }]\n', 'invalid hba: unknown key "mehtod" in a rule'),
        ("hba = 1\n", 'invalid hba: 1 is not a list of rules (from "hba" in FILE)'),
        ("hba = []\n", 'invalid hba: it has no rules (from "hba" in FILE)'),
        ('hba = [{ method = "trust", user = 1 }]\n', 'invalid hba: "user" of a rule is neither'),
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


def test_the_examples_of_the_pages_are_valid(tmp_path: Path):
    file = tmp_path / "sqlvec.toml"
    for page in (PAGE, PAGE.with_name("connecting-securely.md")):
        for example in re.findall(r"```toml\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL):
            file.write_text(example)
            assert load_config({}, {}, file).host == "0.0.0.0"
