"""`get_list`: the legacy list of an object, filtered, sorted and cut.

Source: request schema 3.0 (`filter`, `sorts`, `fields`, attributes), the vendor's SDK tests (`listtype` with `start`,
`end` and `total`); the XML reference, 4.5. `additional_parameters` belong to objects this sandbox does not have.
"""

from collections.abc import Sequence
from xml.etree.ElementTree import Element

from intacct_sf_pipeline.sandbox.intacct.schema.types import Row
from intacct_sf_pipeline.sandbox.intacct.xml.calls import Data, FunctionCall, FunctionResult, ListType
from intacct_sf_pipeline.sandbox.intacct.xml.conditions import (
    Compare,
    Condition,
    Either,
    Every,
    compile_condition,
    preparer,
)
from intacct_sf_pipeline.sandbox.intacct.xml.legacy import models
from intacct_sf_pipeline.sandbox.intacct.xml.legacy.models import Part
from intacct_sf_pipeline.sandbox.intacct.xml.legacy.shapes import SHAPES, Shape
from intacct_sf_pipeline.sandbox.intacct.xml.legacy.showing import Shower
from intacct_sf_pipeline.sandbox.intacct.xml.reading_rows import View, open_view
from intacct_sf_pipeline.sandbox.intacct.xml.schema_check import Child, filled, in_any_order, in_order, optional
from intacct_sf_pipeline.sandbox.intacct.xml.xml_errors import processing_error, unknown_object

PAGE = 100
_OPERATORS = {
    "=": "equalto",
    "!=": "notequalto",
    "<": "lessthan",
    "<=": "lessthanorequalto",
    ">": "greaterthan",
    ">=": "greaterthanorequalto",
    "like": "like",
    "is null": "isnull",
    "is not null": "isnotnull",
}


def check(call: Element) -> list[str]:
    """Findings of the schema."""
    findings = [] if call.get("object") else ["Element 'get_list': The attribute 'object' is required but missing."]
    sorts = optional("sorts", lambda found: in_order(found, Child("sortfield", 1, None, filled)))
    fields = optional("fields", lambda found: in_order(found, Child("field", 1, None)))
    return [*findings, *in_order(call, optional("filter", _filter), sorts, fields, optional("additional_parameters"))]


def get_list(call: FunctionCall) -> FunctionResult:
    """Answers one `get_list`.

    Raises:
        XmlFault: no such object, no right to read it, a bad field or literal.
    """
    name = call.element.get("object", "")
    shape = SHAPES.get(name)
    if shape is None:
        raise unknown_object(name)
    view = open_view(call, shape.object_name, show_private=call.element.get("showprivate") == "true", hidden=True)
    start, most = _number(call.element.get("start"), 0), _number(call.element.get("maxitems"), PAGE)
    with call.company.late.drawn():
        matched = _sorted(call, view, shape, _matching(call, view, shape))
        shower = Shower(call, view, _shown_parts(call.element, shape))
        cut = matched[start : start + most]
        shown = [shower.element(shape.name, row) for row in cut]
    call.company.transactions.queried(view.metered_as)
    told = ListType(name, start, max(start, start + len(cut) - 1), len(matched))
    return FunctionResult(call.name, call.control_id, data=Data(children=shown), list_type=told)


def _filter(element: Element) -> list[str]:
    if len(element) and element[0].tag == "logical":
        return in_order(element, Child("logical", 1, None, _logical))
    return in_order(element, Child("expression", 1, None, _expression))


def _expression(element: Element) -> list[str]:
    return in_order(element, Child("field", check=filled), Child("operator", check=filled), Child("value"))


def _logical(element: Element) -> list[str]:
    parts = (Child("logical", 0, None, _logical), Child("expression", 0, None, _expression))
    findings = in_any_order(element, *parts)
    if element.get("logical_operator") not in ("and", "or"):
        findings.append("Element 'logical': The attribute 'logical_operator' must be 'and' or 'or'.")
    return findings if len(element) > 1 else [*findings, "Element 'logical': Missing child element(s)."]


def _number(text: str | None, default: int) -> int:
    if text is None or not text.strip():
        return default
    if not text.strip().isdecimal():
        raise processing_error()
    return int(text)


def _matching(call: FunctionCall, view: View, shape: Shape) -> list[Row]:
    condition = call.element.find("filter")
    if condition is None or not len(condition):
        return list(view.rows())
    parts = tuple(_condition(child, shape) for child in condition)
    holds = compile_condition(parts[0] if len(parts) == 1 else Every(parts), view.lookup, view.manner)
    return [row for row in view.rows() if holds(row)]


def _condition(element: Element, shape: Shape) -> Condition:
    if element.tag == "logical":
        parts = tuple(_condition(child, shape) for child in element)
        return Every(parts) if element.get("logical_operator") == "and" else Either(parts)
    operator = _OPERATORS.get((element.findtext("operator") or "").strip().lower())
    if operator is None:
        raise processing_error()
    values = () if operator in ("isnull", "isnotnull") else ((element.findtext("value") or "").strip(),)
    return Compare(operator, _field(shape, element.findtext("field") or ""), values)


def _field(shape: Shape, tag: str) -> str:
    """The XML field behind an element's name; inside addresses and contacts dotted.

    Raises:
        XmlFault: the list has no such field.
    """
    head, _, rest = tag.strip().lower().partition(".")
    part = next((part for part in shape.parts if part.tag == head and part.field), None)
    if part is None and head == "recordno":
        return "RECORDNO"
    if part is None or part.kind == models.QUANTITY or (part.kind == models.ADDRESS) != bool(rest):
        raise processing_error()
    return f"{part.field}.{rest.upper()}" if rest else part.field


def _sorted(call: FunctionCall, view: View, shape: Shape, rows: list[Row]) -> list[Row]:
    """By the fields named, the last first so that the first counts most; nulls first. Without any as stored."""
    for sort in reversed(call.element.findall("sorts/sortfield")):
        field, read = view.lookup(_field(shape, sort.text or ""))
        prepare = preparer(field, view.manner)

        def key(row: Row) -> tuple[bool, object]:
            value = read(row)  # noqa: B023 - used up before the next turn of the loop
            prepared = None if value in (None, "") else prepare(value)  # noqa: B023
            return prepared is not None, prepared if prepared is not None else 0

        rows = sorted(rows, key=key, reverse=sort.get("order") == "desc")
    return rows


def _shown_parts(element: Element, shape: Shape) -> Sequence[Part]:
    """The elements asked for, in the order of the shape; all when none is named."""
    wanted = {(field.text or "").strip().lower().partition(".")[0] for field in element.findall("fields/field")}
    return [part for part in shape.parts if not wanted or part.tag in wanted]
