"""Options of the whole test suite."""

from __future__ import annotations

import pytest

pytest_plugins = ["tests.support.certificates", "tests.support.server"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true")
    parser.addoption("--update-known", action="store_true")
