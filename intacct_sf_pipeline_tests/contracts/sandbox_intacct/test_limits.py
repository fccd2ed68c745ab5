"""Throttling, the clock in headers, the meter and the request log (reference, 1.3, 8, 10)."""

import socket
from collections.abc import Callable
from urllib.parse import urlsplit

from .service import Running

ITEM = {"object": "inventory-control/item", "fields": ["id"]}


def hold_open(running: Running) -> socket.socket:
    """A request whose body never ends: it stays in flight until the socket is closed."""
    parts = urlsplit(running.api.base)
    held = socket.create_connection((str(parts.hostname), int(parts.port or 0)), timeout=10)
    head = (
        f"POST {parts.path}/services/core/query HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Type: application/json\r\n"
        f"Authorization: {running.api.http.headers['Authorization']!s}\r\n"
        "Content-Length: 1000\r\nExpect: 100-continue\r\n\r\n"
    )
    held.sendall(head.encode())
    assert held.recv(100).startswith(b"HTTP/1.1 100")
    return held


def test_too_many_at_once_are_throttled_in_the_gateways_shape(start: Callable[..., Running]) -> None:
    running = start(api_concurrency=2, throttle_retry_after=7)
    held = [hold_open(running) for _ in range(2)]
    reply = running.api.query(**ITEM)
    for connection in held:
        connection.close()
    assert reply.status_code == 429
    assert reply.json()["ia::error"]["code"] == "GW-0010"
    assert reply.json()["ia::error"]["message"] == "API rate limit exceeded"
    assert reply.headers["X-IA-Throttle-Limit"] == "2"
    assert reply.headers["X-IA-Throttle-Limit-Remaining"] == "0"
    assert reply.headers["X-IA-Throttle-Limit-RetryAfter"] == "7"
    assert running.company.transactions.total == 0


def test_the_remaining_slots_are_told(running: Running) -> None:
    reply = running.api.query(**ITEM)
    assert (reply.headers["X-IA-Throttle-Limit"], reply.headers["X-IA-Throttle-Limit-Remaining"]) == ("6", "5")
    held = hold_open(running)
    assert running.api.query(**ITEM).headers["X-IA-Throttle-Limit-Remaining"] == "4"
    held.close()


def test_the_date_header_is_the_companys_clock(running: Running) -> None:
    running.clock.advance(minutes=5)
    assert running.api.query(**ITEM).headers["Date"] == "Thu, 10 Sep 2026 08:05:00 GMT"
    assert running.api.call("GET", "/objects/x/y").headers["Date"] == "Thu, 10 Sep 2026 08:05:00 GMT"


def test_the_meter_counts_what_is_billed(running: Running) -> None:
    meter = running.company.transactions
    running.api.query(**ITEM)
    running.api.query(**ITEM, start=500)
    running.api.call(
        "POST", "/objects/company-config/contact", [{"id": name, "printAs": name} for name in ("A", "B", "Mia Ray")]
    )
    running.api.call("PATCH", "/objects/company-config/contact/1", {"fax": "1"})
    running.api.call("DELETE", "/objects/company-config/contact/2")
    running.api.call("GET", "/objects/company-config/contact/1")
    running.api.call("GET", "/services/core/model")
    running.api.call("PATCH", "/objects/company-config/contact/404", {"fax": "1"})
    assert (meter.query_pages, meter.records_written, meter.records_read) == (2, 4, 1)
    assert int(meter) == meter.total == 7
    assert meter.by_object == {"inventory-control/item": 2, "company-config/contact": 5}


def test_what_people_do_costs_nothing(running: Running) -> None:
    running.company.edit("customer", "C-71", {"notes": "x", "contacts.default.phone1": "1"}, by="controller")
    running.company.create("contact", {"id": "Zed", "printAs": "Zed"})
    running.company.delete("contact", "Zed")
    assert running.company.transactions.total == 0
    shown = running.company.read("customer", "C-71", "notes", "contacts.default.phone1", "audit.modifiedByUser.id")
    assert shown == {"notes": "x", "contacts.default.phone1": "1", "audit.modifiedByUser.id": "controller"}


def test_requests_are_logged_with_what_they_asked_for(running: Running) -> None:
    running.api.query(**ITEM)
    running.api.call("PATCH", "/objects/company-config/contact/1", {"fax": "1"}, Idempotency_Key="k")
    query, patch = list(running.company.requests)
    assert (query.method, query.object_name, query.status, query.user) == (
        "POST",
        "inventory-control/item",
        200,
        "sync",
    )
    assert (patch.method, patch.path, patch.idempotency_key) == (
        "PATCH",
        "/ia/api/v1/objects/company-config/contact/1",
        "k",
    )


def test_a_request_can_be_made_to_last(start: Callable[..., Running]) -> None:
    running = start(service_seconds=0.001)
    assert running.api.query(**ITEM).elapsed.total_seconds() >= 0.001
