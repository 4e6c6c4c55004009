"""SessionSettings: an immutable picture of a session's settings, with SET LOCAL as a layer on top."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from ..errors import CantChangeRuntimeParam, InvalidName, UndefinedObject
from ..types.output_format import OutputFormat
from .registry import RESERVED_PREFIXES, SETTINGS, find_setting, prefix_of
from .setting import MEMORY_KB, TIME_MS, TIME_S, Scope, Setting

_UNITS = {"ms": TIME_MS, "s": TIME_S, "kB": MEMORY_KB}
_NOT_RESET = ("role", "session_authorization", "is_superuser")
_NONE: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class SessionSettings:
    """Values by lower-case name. `start` is what RESET goes back to; `local` ends with the transaction."""

    start: Mapping[str, str] = field(default_factory=lambda: _NONE)
    values: Mapping[str, str] = field(default_factory=lambda: _NONE)
    local: Mapping[str, str] = field(default_factory=lambda: _NONE)

    @classmethod
    def of_server(cls, values: Mapping[str, str]) -> SessionSettings:
        """What sessions start with on a server of these values, also those that only its start can set."""
        found = [(must_find(name), text) for name, text in values.items()]
        return cls(start={each.name.lower(): each.parse(each.name, text) for each, text in found})

    def get(self, name: str) -> str:
        """The value as SHOW prints it; raises 42704 for an unknown name."""
        key = name.lower()
        for layer in (self.local, self.values, self.start):
            if key in layer:
                return layer[key]
        setting = must_find(name)
        if setting.is_custom:
            raise _unrecognized(name)
        return setting.default

    def is_on(self, name: str) -> bool:
        return self.get(name) == "on"

    def integer(self, name: str) -> int:
        """The value in base units (milliseconds, kilobytes)."""
        return int(self._scaled(name))

    def number(self, name: str) -> float:
        return self._scaled(name)

    def _scaled(self, name: str) -> float:
        text = self.get(name)
        digits = text.rstrip("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
        suffix = text[len(digits) :]
        units = _UNITS[must_find(name).unit or "kB"]
        return float(digits) * (units[suffix] if suffix else 1)

    def is_default(self, name: str) -> bool:
        key = name.lower()
        return key not in self.local and key not in self.values and key not in self.start

    def with_start(self, name: str, text: str) -> SessionSettings:
        """A value from the start-up packet: RESET returns to it."""
        setting, value = _checked(name, text)
        return replace(self, start={**self.start, setting.name.lower(): value})

    def with_value(self, name: str, text: str | None) -> SessionSettings:
        """SET; None is DEFAULT."""
        if text is None:
            return self.reset(name)
        setting, value = _checked(name, text)
        key = setting.name.lower()
        local = {k: v for k, v in self.local.items() if k != key}
        return replace(self, values={**self.values, key: value}, local=local)

    def with_local(self, name: str, text: str | None) -> SessionSettings:
        """SET LOCAL; None is DEFAULT."""
        setting = must_find(name)
        if text is None:
            _refuse_fixed(setting)
            value = self.start.get(setting.name.lower(), setting.default)
        else:
            setting, value = _checked(name, text)
        return replace(self, local={**self.local, setting.name.lower(): value})

    def reset(self, name: str) -> SessionSettings:
        setting = must_find(name)
        _refuse_fixed(setting)
        key = setting.name.lower()
        return replace(
            self,
            values={k: v for k, v in self.values.items() if k != key},
            local={k: v for k, v in self.local.items() if k != key},
        )

    def with_started(self, name: str, value: str) -> SessionSettings:
        """As `with_derived`, from the session's start."""
        return replace(self, start={**self.start, must_find(name).name.lower(): value})

    def with_derived(self, name: str, value: str, *, is_local: bool = False) -> SessionSettings:
        """A setting that nobody may set, but that follows from others."""
        key = must_find(name).name.lower()
        if is_local:
            return replace(self, local={**self.local, key: value})
        return replace(self, values={**self.values, key: value})

    def reset_all(self) -> SessionSettings:
        """RESET ALL; who the session acts as is not among what it resets."""
        values = {key: value for key, value in self.values.items() if key in _NOT_RESET}
        local = {key: value for key, value in self.local.items() if key in _NOT_RESET}
        return replace(self, values=values, local=local)

    def without_local(self) -> SessionSettings:
        """What stays after the transaction ends."""
        return replace(self, local=_NONE) if self.local else self

    def reported(self) -> dict[str, str]:
        return {setting.name: self.get(setting.name) for setting in SETTINGS if setting.reported}

    def output_format(self) -> OutputFormat:
        return OutputFormat(
            timezone=self.get("timezone"),
            date_style=self.get("datestyle"),
            interval_style=self.get("intervalstyle"),
            bytea_output=self.get("bytea_output"),
            extra_float_digits=int(self.get("extra_float_digits")),
        )


def must_find(name: str) -> Setting:
    setting = find_setting(name)
    if setting is None:
        raise _unrecognized(name)
    return setting


def _unrecognized(name: str) -> UndefinedObject:
    return UndefinedObject(f'unrecognized configuration parameter "{name}"')


def _checked(name: str, text: str) -> tuple[Setting, str]:
    if find_setting(name) is None and "." in name and prefix_of(name) in RESERVED_PREFIXES:
        raise InvalidName(
            f'invalid configuration parameter name "{name}"',
            detail=f'"{prefix_of(name)}" is a reserved prefix.',
        )
    setting = must_find(name)
    _refuse_fixed(setting)
    return setting, setting.parse(setting.name, text)


def _refuse_fixed(setting: Setting) -> None:
    if setting.scope is Scope.INTERNAL:
        raise CantChangeRuntimeParam(f'parameter "{setting.name}" cannot be changed')
    if setting.scope is Scope.STARTUP:
        raise CantChangeRuntimeParam(
            f'parameter "{setting.name}" cannot be changed without restarting the server'
        )
