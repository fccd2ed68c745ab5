"""Answers that tell less than the truth: short and empty query replies, missing modification stamps.

Pure functions from a reply's body to another; composites and arrays of queries are searched for the replies inside.
"""

from collections.abc import Callable
from random import Random

from intacct_sf_pipeline.sandbox.faults.plan import Hit
from intacct_sf_pipeline.sandbox.faults.records import some
from intacct_sf_pipeline.sandbox.intacct.wire.envelopes import META, RESULT

STAMP = "audit.modifiedDateTime"
Members = dict[str, object]


def spoiled(body: object, hit: Hit) -> object:
    """A body as a fault leaves it, or the body itself; what is given is not touched."""
    spoilers: dict[str, Callable[[], object]] = {
        "null_stamp": lambda: _each_record(body, hit, ""),
        "short_read": lambda: _each_query(body, lambda reply: _short(reply, hit)),
        "empty_read": lambda: _each_query(body, _empty),
    }
    spoiler = spoilers.get(hit.rule.fault)
    return body if spoiler is None else spoiler()


def _each_query(body: object, change: Callable[[Members], Members]) -> object:
    """The body with every page of a query or list in it changed."""
    if isinstance(body, list):
        return [_each_query(part, change) for part in body]
    if not isinstance(body, dict):
        return body
    meta = body.get(META)
    if isinstance(meta, dict) and "pageSize" in meta and isinstance(body.get(RESULT), list):
        return change(body)
    return {name: _each_query(part, change) for name, part in body.items()}


def _short(reply: Members, hit: Hit) -> Members:
    rows, meta = reply[RESULT], reply[META]
    if not isinstance(rows, list) or not isinstance(meta, dict):
        return reply
    lost = set(some(hit, len(rows)))
    left = [row for position, row in enumerate(rows) if position not in lost]
    total = meta["totalCount"] - len(lost) if hit.rule.consistent else meta["totalCount"]
    return {**reply, RESULT: left, META: {**meta, "totalCount": total}}


def _empty(reply: Members) -> Members:
    meta = reply[META]
    kept: Members = meta if isinstance(meta, dict) else {}
    return {**reply, RESULT: [], META: {**kept, "totalCount": 0, "next": None, "previous": None}}


def _each_record(body: object, hit: Hit, place: str) -> object:
    """The body with the stamps of the rule's share of the records set to null.

    A record is known by its key, so that it is the same ones at every hit; without one in the reply, by its place.
    """
    if isinstance(body, list):
        return [_each_record(part, hit, f"{place}/{position}") for position, part in enumerate(body)]
    if not isinstance(body, dict):
        return body
    inner = {name: _each_record(part, hit, place) for name, part in body.items()}
    audit = inner.get("audit")
    nested = isinstance(audit, dict) and "modifiedDateTime" in audit
    if (STAMP in inner or nested) and _loses_stamp(str(inner.get("key", place)), hit):
        if STAMP in inner:
            inner[STAMP] = None
        if isinstance(audit, dict):
            inner["audit"] = {**audit, "modifiedDateTime": None}
    return inner


def _loses_stamp(key: str, hit: Hit) -> bool:
    return Random(f"{hit.rule.seed}:{key}").random() < hit.share  # noqa: S311 - chance that must repeat
