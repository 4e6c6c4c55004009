"""Server configuration: one frozen value from flags, environment and a TOML file.

`OPTIONS` is the one list: command-line flags, environment variables, keys of the file and
docs/configuration.md all come from it. A flag beats the environment, which beats the file, which beats the
default.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from sqlvec.wire.auth.rule import ClientCertificateDemand, Method, Rule, Transport

from .option_values import duration, memory, method, one_of, path, rules, secret, switch, text, whole_number

ENVIRONMENT_PREFIX = "SQLVEC_"
CONFIG_VARIABLE = ENVIRONMENT_PREFIX + "CONFIG"
LOG_LEVELS = ("debug", "info", "warning", "error")


@dataclass(frozen=True, slots=True)
class ServerConfig:
    """Everything a server is told before it starts. See `OPTIONS` for what each field means."""

    data: Path = Path("sqlvec-data")
    host: str = "127.0.0.1"
    port: int = 5432
    max_connections: int = 100
    log_level: str = "info"
    threads: int | None = None
    memory_limit: int | None = None
    password: str | None = field(default=None, repr=False)
    password_file: Path | None = None
    auth: Method | None = None
    hba: tuple[Rule, ...] | None = None
    allow_remote_trust: bool = False
    tls_cert: Path | None = None
    tls_key: Path | None = None
    tls_ca: Path | None = None
    superuser_reserved_connections: int = 3
    authentication_timeout: float = 60.0  # seconds
    tcp_keepalives_idle: float = 0.0  # seconds; 0 here and below is the system's default
    tcp_keepalives_interval: float = 0.0
    tcp_keepalives_count: int = 0
    tcp_user_timeout: float = 0.0


class ConfigError(ValueError):
    """A server option has a value it cannot have; the message names the option and where it came from."""


@dataclass(frozen=True, slots=True)
class Option:
    """One server option; `parse` takes the text of a flag or variable, or the value in the file."""

    name: str
    parse: Callable[[object], object]
    metavar: str
    doc: str
    default: str  # as the documentation shows it
    has_flag: bool = True  # other users of the machine see flags
    is_switch: bool = False  # its flag takes no value

    @property
    def flag(self) -> str:
        return "--" + self.name.replace("_", "-")

    @property
    def variable(self) -> str:
        return ENVIRONMENT_PREFIX + self.name.upper()


def load_config(
    flags: Mapping[str, str | None], environment: Mapping[str, str], file: Path | None = None
) -> ServerConfig:
    """Puts the sources together; `file` falls back to SQLVEC_CONFIG. Raises ConfigError."""
    if file is None and environment.get(CONFIG_VARIABLE):
        file = Path(environment[CONFIG_VARIABLE])
    sources: list[tuple[Mapping[str, object], Callable[[Option], str]]] = [
        ({key: text for key, text in flags.items() if text is not None}, lambda option: option.flag),
        (_from_environment(environment), lambda option: option.variable),
        (_from_file(file), lambda option: f'"{option.name}" in {file}'),
    ]
    values: dict[str, object] = {}
    for option in OPTIONS:
        for given, origin in sources:
            if option.name in given:
                values[option.name] = _parsed(option, given[option.name], origin(option))
                break
    config = ServerConfig(**values)  # type: ignore[arg-type]  # each parser returns its field's type
    must_fit_together(config)
    if not config.superuser_reserved_connections < config.max_connections:
        if "superuser_reserved_connections" in values:
            raise ConfigError("superuser_reserved_connections must be less than max_connections")
        config = replace(config, superuser_reserved_connections=config.max_connections - 1)
    return config


def must_fit_together(config: ServerConfig) -> None:
    """Raises ConfigError for options that are right one by one and cannot work together."""
    if (config.tls_cert is None) is not (config.tls_key is None):
        raise ConfigError("tls_cert and tls_key need each other")
    if config.tls_ca is not None and config.tls_cert is None:
        raise ConfigError("tls_ca needs tls_cert and tls_key")
    if config.password is not None and config.password_file is not None:
        raise ConfigError("give either a password or a password_file")
    if config.auth is not None and config.hba is not None:
        raise ConfigError("give either auth or hba: auth is one rule for everybody")
    given = config.hba or ()
    if config.tls_cert is None and any(rule.transport is Transport.ENCRYPTED for rule in given):
        raise ConfigError("hba has hostssl rules, which need tls_cert and tls_key")
    asks = any(rule.client_certificate is not ClientCertificateDemand.NONE for rule in given)
    if config.tls_ca is None and (asks or config.auth is Method.CERTIFICATE):
        raise ConfigError("client certificates are asked for, which needs tls_ca")


def _from_environment(environment: Mapping[str, str]) -> dict[str, object]:
    # An empty variable counts as not set: that is how a compose file "unsets" one.
    return {o.name: environment[o.variable] for o in OPTIONS if environment.get(o.variable)}


def _from_file(file: Path | None) -> dict[str, object]:
    if file is None:
        return {}
    try:
        values = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"cannot read the configuration file {file}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"the configuration file {file} is not UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{file} is not valid TOML: {error}") from error
    known = [option.name for option in OPTIONS]
    for key in values:
        if key not in known:
            close = difflib.get_close_matches(key, known, n=1)
            hint = f'; did you mean "{close[0]}"?' if close else f" (there are: {', '.join(known)})"
            raise ConfigError(f'unknown option "{key}" in {file}{hint}')
    return values


def _parsed(option: Option, given: object, origin: str) -> object:
    try:
        return option.parse(given)
    except ValueError as error:
        raise ConfigError(f"invalid {option.name}: {error} (from {origin})") from error


# In the order of --help: where, how much, who, how loud.
OPTIONS = (
    Option("data", path, "DIR", "Directory of the data; made when missing.", "./sqlvec-data"),
    Option("host", text, "HOST", "Address to listen on; 0.0.0.0 for all.", "127.0.0.1"),
    Option("port", whole_number(0, 65535), "PORT", "Port to listen on; 0 picks a free one.", "5432"),
    Option("max_connections", whole_number(1, 100_000), "N", "Most clients at the same time.", "100"),
    Option(
        "superuser_reserved_connections", whole_number(0, 99_999), "N",
        "How many of them only superusers get.", "3, or fewer",
    ),
    Option("threads", whole_number(1, 1024), "N", "Threads for queries and index builds.", "all cores"),
    Option("memory_limit", memory, "SIZE", 'Memory for queries, such as "4GB".', "80 % of the machine's"),
    Option(
        "password_file", path, "FILE",
        "The superuser's first password, or its SCRAM verifier, in a file.", "none",
    ),
    Option("password", secret, "TEXT", "The same, as it is.", "none", has_flag=False),
    Option(
        "auth", method, "METHOD",
        f"How everybody proves who they are: {', '.join(each.value for each in Method)}.",
        "scram-sha-256 with a password, else trust on this machine",
    ),
    Option("hba", rules, "RULES", "Instead: rules by user, database and address.", "none"),
    Option(
        "allow_remote_trust", switch, "BOOL", "Let strangers in over the network without a password.", "off",
        is_switch=True,
    ),
    Option("tls_cert", path, "FILE", "The server's certificate and those between it and the root.", "no TLS"),
    Option("tls_key", path, "FILE", "Its private key.", "no TLS"),
    Option("tls_ca", path, "FILE", "Authorities that sign the certificates of clients.", "none"),
    Option("authentication_timeout", duration(1, 600), "TIME", "Longest time to log in.", "1min"),
    Option("tcp_keepalives_idle", duration(0, 32767), "TIME", "Silence before a keepalive.", "the system's"),
    Option("tcp_keepalives_interval", duration(0, 32767), "TIME", "Time between keepalives.", "the system's"),
    Option("tcp_keepalives_count", whole_number(0, 127), "N", "Keepalives that may be lost.", "the system's"),
    Option(
        "tcp_user_timeout", duration(0, 86400), "TIME",
        "Longest time that sent bytes may stay unacknowledged.", "the system's",
    ),
    Option("log_level", one_of(*LOG_LEVELS), "LEVEL", f"One of {', '.join(LOG_LEVELS)}.", "info"),
)  # fmt: skip
