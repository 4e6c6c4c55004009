"""Server configuration: one frozen value from flags, environment and a TOML file.

`OPTIONS` is the one list: command-line flags, environment variables, keys of the file and
docs/configuration.md all come from it. A flag beats the environment, which beats the file, which beats the
default.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

ENVIRONMENT_PREFIX = "SQLVEC_"
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
    return ServerConfig(**values)  # type: ignore[arg-type]  # each parser returns its field's type


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


# Parsers: the text of a flag or a TOML value in, the field's value out; ValueError says what is expected ----


def _text(given: object) -> str:
    if not isinstance(given, str):
        raise ValueError(f"{_shown(given)} is not a text")
    if not given.strip():
        raise ValueError("it is empty")
    return given


def _path(given: object) -> Path:
    return Path(_text(given)).expanduser()


def _whole_number(low: int, high: int) -> Callable[[object], int]:
    def parse(given: object) -> int:
        try:
            # int(3.7) and int(True) would pass, hence the detour over text.
            number = int(given if isinstance(given, str) else repr(given))
        except ValueError:
            raise ValueError(f"{_shown(given)} is not a whole number") from None
        if not low <= number <= high:
            raise ValueError(f"{number} is not between {low} and {high}")
        return number

    return parse


def _one_of(*choices: str) -> Callable[[object], str]:
    def parse(given: object) -> str:
        word = _text(given).lower()
        if word not in choices:
            raise ValueError(f"{_shown(given)} is not one of {', '.join(choices)}")
        return word

    return parse


_UNITS = {"B": 1, "KB": 2**10, "MB": 2**20, "GB": 2**30, "TB": 2**40}  # powers of two, as PostgreSQL's
_MIN_MEMORY = 64 * 2**20  # below this DuckDB refuses ordinary queries


def _memory(given: object) -> int:
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([KMGT]?B)\s*", given if isinstance(given, str) else "", re.I)
    if match is None:
        raise ValueError(f'{_shown(given)} is not a size such as "512MB" or "4GB"')
    size = int(float(match[1]) * _UNITS[match[2].upper()])
    if size < _MIN_MEMORY:
        raise ValueError(f"{_shown(given)} is less than 64MB")
    return size


def _shown(given: object) -> str:
    return f'"{given}"' if isinstance(given, str) else repr(given)


CONFIG_VARIABLE = ENVIRONMENT_PREFIX + "CONFIG"

# In the order of --help: where, how much, how loud.
OPTIONS = (
    Option("data", _path, "DIR", "Directory of the data; made when missing.", "./sqlvec-data"),
    Option("host", _text, "HOST", "Address to listen on; 0.0.0.0 for all.", "127.0.0.1"),
    Option("port", _whole_number(0, 65535), "PORT", "Port to listen on; 0 picks a free one.", "5432"),
    Option("max_connections", _whole_number(1, 100_000), "N", "Most clients at the same time.", "100"),
    Option("threads", _whole_number(1, 1024), "N", "Threads for queries and index builds.", "all cores"),
    Option("memory_limit", _memory, "SIZE", 'Memory for queries, such as "4GB".', "80 % of the machine's"),
    Option("log_level", _one_of(*LOG_LEVELS), "LEVEL", f"One of {', '.join(LOG_LEVELS)}.", "info"),
)
