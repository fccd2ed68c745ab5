"""Through which of Intacct's interfaces a test runs, see `doors`, and on which database, see `databases`."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from .checkpoints import Checkpoints
from .databases import serving
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


@pytest.fixture(autouse=True, scope="session")
def staging_server() -> Iterator[None]:
    """What the chosen staging database needs."""
    with serving():
        yield


@pytest.fixture(scope="session")
def checkpoints(tmp_path_factory: pytest.TempPathFactory, staging_server: None) -> Checkpoints:
    """Loops whose first runs are over."""
    return Checkpoints(tmp_path_factory.mktemp("checkpoints"))
