"""Through which of Intacct's interfaces a test runs, see `doors`."""

from __future__ import annotations

import os

import pytest

from .doors import VARIABLE


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Tests marked `both_doors` run through both interfaces, unless one is asked for."""
    if metafunc.definition.get_closest_marker("both_doors") and VARIABLE not in os.environ:
        metafunc.parametrize("intacct_door", ["rest", "xml"], indirect=True)


@pytest.fixture(autouse=True)
def intacct_door(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The interface of this test; set up before any sandbox of the test."""
    if hasattr(request, "param"):
        monkeypatch.setenv(VARIABLE, request.param)
