"""A run that may send nothing more sends nothing: no first request, no retry, no second part of a batch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from intacct_sf_pipeline.connectors.http import HttpOptions, PatientAdapter, open_session
from intacct_sf_pipeline.connectors.permit import permitted_by
from intacct_sf_pipeline.model.errors import LeaseLostError

Asked = list[str]


@pytest.fixture
def served() -> Iterator[tuple[str, Asked]]:
    """A service's address, and what it was asked."""
    asked: Asked = []

    class Service(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append(self.path)
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's own name
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Service) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", asked
        server.shutdown()
        thread.join()


def check_that_fails_after(passes: int) -> Callable[[], None]:
    left = [passes]

    def check() -> None:
        if left[0] == 0:
            raise LeaseLostError("accounts", "it stood still for 61 s")
        left[0] -= 1

    return check


@pytest.mark.parametrize("passes", [0, 1, 2])
def test_no_request_leaves_once_the_lease_is_lost(served: tuple[str, Asked], passes: int) -> None:
    url, asked = served
    with open_session(url, PatientAdapter(HttpOptions())) as session:
        with permitted_by(check_that_fails_after(passes)):
            for part in range(passes):
                session.post(f"{url}/{part}")
            for _ in range(2):
                with pytest.raises(LeaseLostError, match="stood still"):
                    session.post(f"{url}/late")
        assert asked == [f"/{part}" for part in range(passes)]
        assert session.post(f"{url}/another").status_code == 204


def test_without_a_check_everything_passes(served: tuple[str, Asked]) -> None:
    url, asked = served
    with open_session(url, PatientAdapter(HttpOptions())) as session, permitted_by(None):
        session.post(f"{url}/1")
    assert asked == ["/1"]
