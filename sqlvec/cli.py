"""Command line: `sqlvec serve | demo | shell`, arguments to calls."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import click

from . import __version__
from .config import CONFIG_VARIABLE, OPTIONS, ConfigError, Option, ServerConfig, load_config
from .core.errors import SqlError


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="sqlvec", message="%(prog)s %(version)s")
def main() -> None:
    """A vector database that speaks PostgreSQL."""


def _server_options(command: Callable[..., None]) -> Callable[..., None]:
    for option in reversed(OPTIONS):
        if option.has_flag:
            command = _server_option(option)(command)
    return command


def _server_option(option: Option) -> Callable[[Callable[..., None]], Callable[..., None]]:
    help_text = f"{option.doc} [env: {option.variable}; default: {option.default}]"
    if option.is_switch:
        return click.option(option.flag, option.name, flag_value="on", default=None, help=help_text)
    # Text, whatever the option: config.py parses, so that all sources give the same errors.
    return click.option(option.flag, option.name, metavar=option.metavar, help=help_text)


@main.command()
@_server_options
@click.option(
    "--config",
    "file",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help=f"TOML file with the same options. [env: {CONFIG_VARIABLE}]",
)
def serve(file: Path | None, **flags: str | None) -> None:
    """Serve a data directory over PostgreSQL's protocol until SIGTERM or Ctrl-C."""
    try:
        config = load_config(flags, os.environ, file)
    except ConfigError as error:
        _fail(str(error), code=2)
    _run_server(config)


def _run_server(config: ServerConfig) -> None:
    # Here, not above: `shell` and `--help` need neither DuckDB nor FAISS.
    from .serve import run_server

    def announce(host: str, port: int) -> None:
        # Scripts wait for this line; it stays as it is.
        print(f"sqlvec: ready on {host}:{port} (data: {config.data})", flush=True)

    try:
        run_server(config, announce)
    except ConfigError as error:
        _fail(str(error), code=2)
    except (SqlError, OSError) as error:
        _fail(_reason(error))


@main.command()
@click.option("--keep", metavar="DIR", type=click.Path(path_type=Path), help="Keep the demo's data in DIR.")
def demo(keep: Path | None) -> None:
    """A guided tour over 5,000 Debian packages; needs no server."""
    from .demo import run_demo

    sys.exit(run_demo(keep))


@main.command()
@click.argument("conninfo", required=False)
@click.option("-c", "--command", multiple=True, help="Run this and leave; may be repeated.")
def shell(conninfo: str | None, command: tuple[str, ...]) -> None:
    """A psql-like prompt. CONNINFO is a URL or "host=... port=..."; PGHOST, PGPORT and so on count too."""
    from .shell import run_shell

    sys.exit(run_shell(conninfo or "", command))


def _reason(error: SqlError | OSError) -> str:
    if isinstance(error, SqlError):
        return "\n".join(filter(None, (error.message, error.detail, error.hint)))
    where = f"{error.filename}: " if error.filename else ""
    return where + (error.strerror or str(error))


def _fail(message: str, code: int = 1) -> NoReturn:
    click.echo(f"sqlvec: {message}", err=True)
    sys.exit(code)
