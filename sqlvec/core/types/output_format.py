"""OutputFormat: the settings that decide how values print, taken from the session once per result."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OutputFormat:
    """How text output is written; field names are PostgreSQL's settings."""

    timezone: str = "UTC"  # an IANA name, or a fixed offset such as "+02"
    date_style: str = "ISO, MDY"
    interval_style: str = "postgres"  # postgres | postgres_verbose | sql_standard | iso_8601
    bytea_output: str = "hex"  # hex | escape
    extra_float_digits: int = 1
