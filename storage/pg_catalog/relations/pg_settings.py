"""pg_settings: SETTINGS with the session's values, in base units."""

from __future__ import annotations

from collections.abc import Iterator

from sqlvec.core.settings.registry import SETTINGS
from sqlvec.core.settings.session import SessionSettings
from sqlvec.core.settings.setting import Setting

from ..context import CatalogContext
from ..relation import Row

_DEFAULTS = SessionSettings()


def rows(context: CatalogContext) -> Iterator[Row]:
    at_start = context.settings.reset_all()
    for setting in sorted(SETTINGS, key=lambda item: item.name.lower()):
        yield {
            "name": setting.name,
            "setting": _value(setting, context.settings),
            "unit": setting.unit,
            "category": setting.category,
            "short_desc": setting.doc,
            "context": setting.scope.value,
            "vartype": setting.vartype,
            "source": _source(setting, context.settings),
            "min_val": setting.minimum,
            "max_val": setting.maximum,
            "enumvals": None if setting.choices is None else list(setting.choices),
            "boot_val": _value(setting, _DEFAULTS),
            "reset_val": _value(setting, at_start),
            "pending_restart": False,
        }


def _value(setting: Setting, settings: SessionSettings) -> str:
    return settings.get(setting.name) if setting.unit is None else str(settings.integer(setting.name))


def _source(setting: Setting, settings: SessionSettings) -> str:
    if settings.is_default(setting.name):
        return "default"
    return "client" if settings.reset_all().get(setting.name) == settings.get(setting.name) else "session"
