"""XML in place of JSON: for answers to clients that accept only XML, and for record bodies sent as XML.

Source: REST Guide, Response Formats and the XML samples of Query, Insert or Update and error bodies; jsforce 3.10
(`Errors/Error`).
"""

from collections.abc import Mapping
from xml.etree.ElementTree import Element

from intacct_sf_pipeline.sandbox.salesforce.errors import ApiError
from intacct_sf_pipeline.sandbox.salesforce.soap.xml import XmlError, leaf, local, read, tag

_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'
_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
_ROOTS = (
    ("totalSize", "QueryResult"),
    ("success", "Result"),
    ("searchRecords", "SearchResult"),
    ("maxBatchSize", "DescribeGlobal"),
    ("objectDescribe", "SObjectInfo"),
    ("recordTypeInfos", "DescribeSObject"),
    ("latestDateCovered", "ReplicationResult"),
    ("DailyApiRequests", "LimitsSnapshot"),
    ("compositeResponse", "CompositeResponse"),
    ("plans", "ExplainResult"),
)


def wants_xml(accept: str) -> bool:
    """Whether an Accept header names XML before JSON."""
    kinds = [part.partition(";")[0].strip().lower() for part in accept.split(",")]
    known = [kind for kind in kinds if kind in ("application/xml", "text/xml", "application/json", "*/*")]
    return bool(known) and known[0] in ("application/xml", "text/xml")


def as_xml(body: object) -> bytes:
    """A body as an XML document."""
    return (_DECLARATION + _document(body)).encode("utf-8", "replace")


def read_record(raw: bytes) -> dict[str, object]:
    """A record sent as XML: the root is the object's name or anything else, its children are fields."""
    try:
        root = read(raw.strip())
    except XmlError as error:
        raise ApiError("XML_PARSER_ERROR", str(error)) from None
    return _members(root)


def _document(body: object) -> str:
    if isinstance(body, list):
        errors = bool(body) and all(isinstance(one, Mapping) and "errorCode" in one for one in body)
        names = (
            ("Errors", "Error") if errors else ("Versions", "Version") if _has(body, "version") else ("list", "item")
        )
        return tag(names[0], "".join(_element(names[1], one) for one in body))
    if isinstance(body, Mapping):
        attributes = body.get("attributes")
        kind = attributes.get("type") if isinstance(attributes, Mapping) else None
        root = str(kind) if kind else next((name for member, name in _ROOTS if member in body), "Result")
        return _element(root, body)
    return leaf("Result", body)


def _has(body: list[object], member: str) -> bool:
    return bool(body) and isinstance(body[0], Mapping) and member in body[0]


def _element(name: str, value: object) -> str:
    if value is None:
        return f'<{name} xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="true"/>'
    if not isinstance(value, Mapping):
        return leaf(name, value)
    attributes = value.get("attributes")
    shown = (
        "".join(f' {key}="{_quoted(one)}"' for key, one in attributes.items())
        if isinstance(attributes, Mapping)
        else ""
    )
    parts: list[str] = []
    for key, one in value.items():
        if key == "attributes" and shown:
            continue
        many = one if isinstance(one, list) else [one]
        parts.extend(_element(_name(str(key)), each) for each in many)
    return f"<{name}{shown}>{''.join(parts)}</{name}>"


def _name(key: str) -> str:
    """A member's name as an element may be called."""
    return key if key[:1].isalpha() and all(letter.isalnum() or letter in "_-." for letter in key) else "item"


def _quoted(value: object) -> str:
    return str(value).replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")


def _members(element: Element) -> dict[str, object]:
    members: dict[str, object] = {}
    for one in element:
        value: object = _members(one) if len(one) else None if one.get(_NIL) == "true" else (one.text or "")
        name = local(one)
        known = members.get(name)
        if name not in members:
            members[name] = value
        elif isinstance(known, list):
            known.append(value)
        else:
            members[name] = [known, value]
    return members
