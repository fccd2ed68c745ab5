"""From what a client sends to rows: CSV, JSON and XML bodies of batches and of job requests.

Rows are mappings from a field name as written to text, None (set null), or, for a parent named by its external id, a
mapping. Every scalar is text, as the service reads all three formats alike.
Source: Bulk API Developer Guide, Valid CSV Record Rows, Sample JSON and XML files; salesforce.md section 5.2 (CSV).
"""

import csv
import io
import json
from collections.abc import Mapping
from decimal import Decimal
from xml.etree.ElementTree import Element

from intacct_sf_pipeline.sandbox.salesforce.bulk_v1.model import AsyncError
from intacct_sf_pipeline.sandbox.salesforce.soap.xml import XmlError, children, local, read

RowValue = str | None | Mapping[str, object]
BulkRow = dict[str, RowValue]
NULL = "#N/A"
_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
_LONGEST_CELL = 131_072


def read_rows(content_type: str, body: bytes) -> list[BulkRow]:
    """The rows of a batch; raises `AsyncError` InvalidBatch."""
    readers = {"CSV": _csv_rows, "JSON": _json_rows, "XML": _xml_rows}
    return readers[content_type](body)


def read_members(content_type: str, body: bytes) -> dict[str, str]:
    """The members of a job request, JSON when the request says so, else XML; raises `AsyncError`."""
    if "json" in content_type.lower():
        document = _json(body)
        if not isinstance(document, Mapping):
            raise AsyncError("InvalidJob", "Unable to parse Job: an object is expected")
        return {str(name): _text(value) or "" for name, value in document.items() if value is not None}
    try:
        root = read(body.strip())
    except XmlError as error:
        raise AsyncError("InvalidXML", f"Unable to parse the request: {error}") from None
    if local(root) != "jobInfo":
        raise AsyncError("InvalidXML", f"Unable to find jobInfo: found {local(root)}")
    return {local(one): (one.text or "").strip() for one in root}


def text_of(body: bytes) -> str:
    """The text of a body, UTF-8 with or without byte order mark; raises `AsyncError`."""
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise AsyncError("InvalidBatch", "Failed to parse CSV. Found unescaped or invalid UTF-8 bytes") from None


def _csv_rows(body: bytes) -> list[BulkRow]:
    text = text_of(body)
    csv.field_size_limit(max(csv.field_size_limit(), _LONGEST_CELL * 2))
    try:
        lines = [line for line in csv.reader(io.StringIO(text, newline=""), strict=True) if line]
    except csv.Error as error:
        raise AsyncError("InvalidBatch", f"Failed to parse CSV. {error}") from None
    if not lines:
        raise AsyncError("InvalidBatch", "Failed to parse CSV header. Error: No header found")
    header = [name.strip() for name in lines[0]]
    if not all(header) or len({name.lower() for name in header}) != len(header):
        raise AsyncError("InvalidBatch", "Failed to parse CSV header. Error: empty or duplicate field name")
    return [_csv_row(header, line) for line in lines[1:]]


def _csv_row(header: list[str], line: list[str]) -> BulkRow:
    if len(line) != len(header):
        message = (
            f"The number of fields in the row ({len(line)}) doesn't match the number in the header ({len(header)})"
        )
        raise AsyncError("InvalidBatch", f"Failed to parse CSV. {message}")
    row: BulkRow = {}
    for name, cell in zip(header, line, strict=True):
        if cell == "":
            continue  # an empty cell leaves the field as it is
        path, _, key = name.rpartition(".")
        value = None if cell == NULL else cell
        row[path.rpartition(":")[2] or name] = _parent(path, key, value) if path else value
    return row


def _parent(path: str, key: str, value: str | None) -> RowValue:
    """The parent that a header such as `Account.Key__c` or `Lead:Who.Email` names; null when the cell says so."""
    kind, _, _ = path.rpartition(":")
    named: dict[str, object] = {"attributes": {"type": kind}} if kind else {}
    return {**named, key: value}


def _json(body: bytes) -> object:
    try:
        return json.loads(body.decode("utf-8-sig"), parse_float=Decimal)
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise AsyncError("InvalidBatch", f"Failed to parse JSON: {error}") from None


def _json_rows(body: bytes) -> list[BulkRow]:
    document = _json(body)
    if not isinstance(document, list) or not all(isinstance(one, Mapping) for one in document):
        raise AsyncError("InvalidBatch", "Failed to parse JSON: a list of records is expected")
    return [{str(name): _json_value(value) for name, value in one.items() if name != "attributes"} for one in document]


def _json_value(value: object) -> RowValue:
    if isinstance(value, Mapping):
        return {str(name): inner if name == "attributes" else _text(inner) for name, inner in value.items()}
    return _text(value)


def _text(value: object) -> str | None:
    if value is None or value == NULL:
        return None
    return str(value).lower() if isinstance(value, bool) else str(value)


def _xml_rows(body: bytes) -> list[BulkRow]:
    try:
        root = read(body.strip())
    except XmlError as error:
        raise AsyncError("InvalidBatch", f"Failed to parse XML: {error}") from None
    if local(root) != "sObjects":
        raise AsyncError("InvalidBatch", f"Failed to parse XML: sObjects is expected, found {local(root)}")
    return [_xml_row(one) for one in children(root, "sObject")]


def _xml_row(element: Element) -> BulkRow:
    row: BulkRow = {}
    for one in element:
        inner = children(one, "sObject")
        if inner:
            kind = next((leaf.text for leaf in inner[0] if local(leaf) == "type"), None)
            named: dict[str, object] = {"attributes": {"type": kind}} if kind else {}
            row[local(one)] = {**named, **{local(leaf): leaf.text for leaf in inner[0] if local(leaf) != "type"}}
        elif one.get(_NIL) == "true" or one.text == NULL:
            row[local(one)] = None
        elif one.text:
            row[local(one)] = one.text
    return row
