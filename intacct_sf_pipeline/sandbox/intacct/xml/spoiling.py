"""Answers that tell less than the truth: short and empty reads, missing stamps, a page without its `resultId`.

Pure functions from results to results; what is given is not touched.
"""

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import replace
from random import Random
from xml.etree.ElementTree import Element

from intacct_sf_pipeline.sandbox.faults.plan import Hit
from intacct_sf_pipeline.sandbox.faults.records import some
from intacct_sf_pipeline.sandbox.intacct.xml.results import Data, FunctionResult, Status

_PAGED = ("query", "readByQuery", "readMore")
_READS = (*_PAGED, "read", "readByName", "get_list")
_STAMPS = ("WHENMODIFIED", "whenmodified")


def spoiled(results: Sequence[FunctionResult], hits: Sequence[Hit]) -> Sequence[FunctionResult]:
    """The results as the client gets to see them; bodies in json or csv stay as they are."""
    for hit in hits:
        results = [_spoiled(result, hit) for result in results]
    return results


def _spoiled(result: FunctionResult, hit: Hit) -> FunctionResult:
    data, fault = result.data, hit.rule.fault
    if data is None or result.status is not Status.SUCCESS or result.function not in _READS:
        return result
    if fault == "null_stamp":
        return replace(result, data=replace(data, children=[_without_stamp(row, hit) for row in data.children]))
    if result.function not in _PAGED:
        return result
    if fault == "short_read":
        return replace(result, data=_short(data, hit))
    if fault == "empty_read":
        nothing = {"totalcount": "0", "count": "0", "numremaining": "0", "resultId": ""}
        told = {name: nothing.get(name, value) for name, value in data.attributes.items()}
        return replace(result, data=Data(told))
    if fault == "no_result_id" and "resultId" in data.attributes:
        return replace(result, data=replace(data, attributes={**data.attributes, "resultId": ""}))
    return result


def _short(data: Data, hit: Hit) -> Data:
    lost = set(some(hit, len(data.children)))
    left = [row for position, row in enumerate(data.children) if position not in lost]
    told = {**data.attributes, "count": str(len(left))}
    if hit.rule.consistent and "totalcount" in told:
        told["totalcount"] = str(int(told["totalcount"]) - len(lost))
    return Data(told, left)


def _without_stamp(row: Element, hit: Hit) -> Element:
    """The record without its stamp if it is of the rule's share: known by its number, the same ones at every hit."""
    key = row.findtext("RECORDNO") or ""
    if Random(f"{hit.rule.seed}:{key}").random() >= hit.share:  # noqa: S311 - chance that must repeat
        return row
    changed = deepcopy(row)
    for name in _STAMPS:
        for stamp in changed.findall(name):
            stamp.text = None
    return changed
