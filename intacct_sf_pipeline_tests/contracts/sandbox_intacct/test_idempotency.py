"""The `Idempotency-Key` header: replays, conflicts, stored failures, 48 hours and 60 days (reference, 6.6)."""

from collections.abc import Callable

import pytest

from intacct_sf_pipeline.sandbox.intacct.wire.dispatch import fingerprint
from intacct_sf_pipeline.sandbox.intacct.wire.messages import ApiRequest

from .service import Running, fault

CONTACT = "/objects/company-config/contact"
NEW = {"id": "Ida", "printAs": "Ida"}


def send(running: Running, payload: object = NEW, method: str = "POST", path: str = CONTACT, key: str = "key-1"):
    return running.api.call(method, path, payload, Idempotency_Key=key)


def test_the_same_request_is_answered_again_without_being_done_again(running: Running) -> None:
    first, again = send(running), send(running, {"printAs": "Ida", "id": "Ida"})
    assert (again.status_code, again.json()) == (first.status_code, first.json())
    assert first.headers["Idempotency-Key"] == again.headers["Idempotency-Key"] == "key-1"
    assert "x-ia-idempotency-cached-date" not in first.headers
    assert again.headers["x-ia-idempotency-cached-date"] == "2026-09-10T08:00:00Z"
    assert running.company.transactions.records_written == 1


def test_failures_are_kept_too(running: Running) -> None:
    first = send(running, {"id": "Mia Ray", "printAs": "x"})
    running.company.edit(
        "customer", "C-72", {"contacts.primary": None, "contactList": [{"key": "1", "ia::operation": "delete"}]}
    )
    running.company.delete("contact", "Mia Ray")
    again = send(running, {"id": "Mia Ray", "printAs": "x"})
    assert (first.status_code, again.status_code, again.json()) == (422, 422, first.json())
    assert send(running, {"id": "Mia Ray", "printAs": "x"}, key="key-2").status_code == 201


def test_updates_and_batches_are_covered(running: Running) -> None:
    for payload, method, path in (({"fax": "1"}, "PATCH", f"{CONTACT}/1"), ([NEW], "POST", CONTACT)):
        first = send(running, payload, method, path, key=path)
        assert send(running, payload, method, path, key=path).json() == first.json()
    assert running.company.transactions.records_written == 2


@pytest.mark.parametrize(
    ("payload", "path"), [({"id": "Other", "printAs": "x"}, CONTACT), (NEW, "/objects/accounts-receivable/customer")]
)
def test_another_request_under_the_same_key_is_409(running: Running, payload: dict[str, str], path: str) -> None:
    send(running)
    reply = send(running, payload, path=path)
    assert reply.status_code == 409
    assert "different request" in str(fault(reply)["message"])


def test_results_live_48_hours_and_keys_60_days(start: Callable[..., Running]) -> None:
    running = start(expires_in=10**8)
    first = send(running)
    running.clock.advance(hours=48, seconds=-1)
    assert send(running).json() == first.json()
    running.clock.advance(seconds=1)
    assert send(running).status_code == 409
    running.clock.advance(days=58, seconds=-1)
    assert send(running).status_code == 409
    running.clock.advance(seconds=1)
    assert send(running).status_code == 422


def test_a_key_still_at_work_is_refused(running: Running) -> None:
    session = running.company.sessions.authenticate(str(running.api.http.headers["Authorization"]))
    request = ApiRequest("POST", CONTACT, session, body=NEW, has_body=True)
    running.company.idempotency.begin("key-1", fingerprint(request), running.clock())
    reply = send(running)
    assert reply.status_code == 409
    assert "still being processed" in str(fault(reply)["message"])
    assert running.company.transactions.total == 0


@pytest.mark.parametrize("length", [256, 257])
def test_keys_have_at_most_256_characters(running: Running, length: int) -> None:
    assert send(running, key="k" * length).status_code == (201 if length == 256 else 400)


def test_reads_queries_and_deletions_ignore_the_key(running: Running) -> None:
    body = {"object": "company-config/contact", "fields": ["id"]}
    for method, path, payload in (
        ("POST", "/services/core/query", body),
        ("GET", f"{CONTACT}/1", None),
        ("DELETE", f"{CONTACT}/2", None),
    ):
        assert "Idempotency-Key" not in send(running, payload, method, path).headers
    assert send(running).status_code == 201


def test_a_tenant_may_lack_idempotency(start: Callable[..., Running]) -> None:
    running = start(idempotency_supported=False)
    send(running)
    assert send(running).status_code == 422
    model = running.api.call("GET", "/services/core/model?name=company-config/contact").json()["ia::result"]
    assert model["idempotenceSupported"] is False
