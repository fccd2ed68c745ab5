"""Answers that tell less than the truth: short and empty query replies, missing modification stamps.

Pure functions from a reply's body to another; composite bodies are searched for the query replies inside them.
"""

from collections.abc import Callable
from random import Random

from intacct_sf_pipeline.sandbox.faults.plan import Hit
from intacct_sf_pipeline.sandbox.faults.records import some

STAMPS = ("LastModifiedDate", "SystemModstamp")
Members = dict[str, object]


def spoiled(body: object, hit: Hit) -> object:
    """A body as a fault leaves it, or the body itself; what is given is not touched."""
    spoilers: dict[str, Callable[[], object]] = {
        "null_stamp": lambda: _each_record(body, hit),
        "short_read": lambda: _each_query(body, lambda reply: _short(reply, hit)),
        "empty_read": lambda: _each_query(body, _empty),
    }
    spoiler = spoilers.get(hit.rule.fault)
    return body if spoiler is None else spoiler()


def _each_query(body: object, change: Callable[[Members], Members]) -> object:
    """The body with every query reply in it changed; what query replies hold is left alone."""
    if isinstance(body, list):
        return [_each_query(part, change) for part in body]
    if not isinstance(body, dict):
        return body
    if "totalSize" in body and isinstance(body.get("records"), list):
        return change(body)
    return {name: _each_query(part, change) for name, part in body.items()}


def _short(reply: Members, hit: Hit) -> Members:
    records, total = reply["records"], reply["totalSize"]
    if not isinstance(records, list) or not isinstance(total, int):
        return reply
    lost = set(some(hit, len(records)))
    left = [record for position, record in enumerate(records) if position not in lost]
    return {**reply, "totalSize": total - len(lost) if hit.rule.consistent else total, "records": left}


def _empty(_reply: Members) -> Members:
    return {"totalSize": 0, "done": True, "records": []}


def _each_record(body: object, hit: Hit) -> object:
    """The body with the stamps of the rule's share of the records set to null; the same records at every hit."""
    if isinstance(body, list):
        return [_each_record(part, hit) for part in body]
    if not isinstance(body, dict):
        return body
    inner = {name: _each_record(part, hit) for name, part in body.items()}
    attributes = inner.get("attributes")
    if isinstance(attributes, dict) and _loses_stamp(str(attributes.get("url")).rpartition("/")[2], hit):
        inner.update({name: None for name in STAMPS if name in inner})
    return inner


def _loses_stamp(record_id: str, hit: Hit) -> bool:
    return Random(f"{hit.rule.seed}:{record_id}").random() < hit.share  # noqa: S311 - chance that must repeat
