"""What counts as a transaction, the concurrency limit, the request log (reference, 11; 3.5)."""

import socket
from collections.abc import Callable
from urllib.parse import urlsplit

from .gateway import Running

QUERY = "<query><object>CONTACT</object><select><field>RECORDNO</field></select><pagesize>1</pagesize></query>"
BY_QUERY = "<readByQuery><object>CONTACT</object><fields>RECORDNO</fields><query/><pagesize>1</pagesize></readByQuery>"
MORE = "<readMore><object>CONTACT</object></readMore>"
READ = "<read><object>ITEM</object><keys>1,2</keys><fields>*</fields></read>"
ENTITIES = "<readEntityDetails/>"


def test_each_query_counts_whatever_it_returns(running: Running) -> None:
    meter = running.company.transactions
    running.door.auth()
    assert meter.total == 0
    running.door.request(QUERY, QUERY.replace("1</pagesize>", "2000</pagesize>")).ok()
    running.door.request(BY_QUERY).ok()
    assert (meter.query_pages, meter.total) == (3, 3)
    assert meter.by_object == {"company-config/contact": 3}
    running.door.request(MORE, READ, READ).ok()
    assert (meter.records_read, meter.total) == (3, 6)
    running.door.request(ENTITIES).ok()
    assert meter.total == 6


def test_what_is_unconfirmed_is_behind_switches(start: Callable[..., Running]) -> None:
    running = start({"metered_reads": False, "metered_lookups": True})
    running.door.request(BY_QUERY).ok()
    running.company.transactions.reset()
    running.door.request(MORE, READ).ok()
    assert running.company.transactions.total == 0
    running.door.request(ENTITIES).ok()
    assert running.company.transactions.total == 1


def test_refused_calls_cost_nothing(running: Running) -> None:
    running.door.request(QUERY.replace("RECORDNO", "HAT"), READ.replace("ITEM", "HAT"))
    running.door.request("<conjure/>")
    assert running.company.transactions.total == 0


def hold_open(url: str) -> socket.socket:
    """A request whose body never ends: it stays in flight until the socket is closed."""
    parts = urlsplit(url)
    held = socket.create_connection((str(parts.hostname), int(parts.port or 0)), timeout=10)
    head = f"POST {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Length: 1000\r\nExpect: 100-continue\r\n\r\n"
    held.sendall(head.encode())
    assert held.recv(100).startswith(b"HTTP/1.1 100")
    return held


def test_too_many_at_once_are_throttled_in_the_gateways_shape(start: Callable[..., Running]) -> None:
    running = start({"concurrency": 2, "throttle_retry_after": 7})
    running.door.auth()
    held = [hold_open(running.door.url) for _ in range(2)]
    reply = running.door.request(QUERY)
    for connection in held:
        connection.close()
    assert reply.http.status_code == 429
    assert reply.http.headers["Retry-After"] == "7"
    assert [child.tag for child in reply.root.find("control") or ()] == ["status"]
    [error] = reply.errors()
    assert error["errorno"] == "GW-0010"
    assert "API rate limit exceeded" in error["description"]
    assert set(error) == {"errorno", "description"}
    assert running.company.transactions.total == 0


def test_whether_the_wait_is_told_is_a_switch(start: Callable[..., Running]) -> None:
    running = start({"concurrency": 0})
    assert "Retry-After" not in running.door.post("").http.headers


def test_requests_are_logged_with_their_functions(running: Running) -> None:
    running.door.session = running.door.open("E100")
    running.company.requests.clear()
    running.door.request(ENTITIES, QUERY, READ)
    running.door.post("nonsense")
    first, second = running.company.requests
    assert (first.method, first.path, first.status) == ("POST", "/ia/xml/xmlgw.phtml", 200)
    assert first.functions == ("readEntityDetails", "query", "read")
    assert (first.object_name, first.user, first.entity) == ("company-config/contact", "sync", "1")
    assert (second.functions, second.user) == ((), None)
