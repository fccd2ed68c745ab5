"""What holds for the whole suite: its order, how many examples are drawn, and what the collector leaves alone."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest
from hypothesis import settings

from intacct_sf_pipeline_tests.effort import tries

ORDER = ("deploy", "integration", "orchestration", "contracts/staging", "contracts", "interop", "unit")
"""Folders by how long their files take: with several processes the long ones begin, and short ones fill the end."""

HERE = Path(__file__).parent

# No deadline: the first example also pays for reading the tables of countries and of telephone numbers.
settings.register_profile("suite", deadline=None, max_examples=tries(200, least=40))
settings.load_profile("suite")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that take long come first; within a folder the order stays."""

    def place(item: pytest.Item) -> int:
        path = item.path.relative_to(HERE).as_posix() if item.path.is_relative_to(HERE) else ""
        return next((number for number, folder in enumerate(ORDER) if path.startswith(f"{folder}/")), len(ORDER))

    items.sort(key=place)


def pytest_collection_finish() -> None:
    """Thousands of tests stay until the end: the collector need not look at them again and again."""
    gc.collect()
    gc.freeze()
