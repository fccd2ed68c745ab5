"""Calls about the user and the company: formatting, entities, financial set-up, permissions, the audit of a record.

Source: the reference, 4.6; the vendor's pages on users, entities, financial set-up and audit trails (element names).
"""

from xml.etree.ElementTree import Element

from intacct_sf_pipeline.sandbox.intacct.schema.company import ENTITY_OBJECT, USER
from intacct_sf_pipeline.sandbox.intacct.schema.types import Row
from intacct_sf_pipeline.sandbox.intacct.xml.calls import Data, FunctionCall, FunctionResult
from intacct_sf_pipeline.sandbox.intacct.xml.elements import branch, leaf
from intacct_sf_pipeline.sandbox.intacct.xml.reading_rows import open_view
from intacct_sf_pipeline.sandbox.intacct.xml.schema.types import XmlObject
from intacct_sf_pipeline.sandbox.intacct.xml.schema.values import render
from intacct_sf_pipeline.sandbox.intacct.xml.xml_errors import no_audit_permission, unknown_object, unknown_user

BASE_CURRENCY = "USD"
_RIGHTS = {"read": "List|View", "create": "Add", "update": "Edit", "delete": "Delete"}


def read_user_formatting(call: FunctionCall) -> FunctionResult:
    """Locale, date format, GMT offset and clock of a user named by `userId` or `key`."""
    user, options = _user(call), call.company.options.xml
    told = [
        leaf("recordno", str(user["key"])),
        leaf("locale", "en_US"),
        leaf("dateformat", options.date_format),
        leaf("gmtoffset", options.gmt_offset),
        leaf("clock", options.clock),
    ]
    return _answer(call, [branch("userformatting", told)])


def read_entity_details(call: FunctionCall) -> FunctionResult:
    """The entities the caller may enter: inside one, only that."""
    table = call.company.store[ENTITY_OBJECT]
    own = call.actor.entity_key
    rows = [row for key, row in table.rows.items() if own in (None, key)]
    return _answer(call, [_entity(row) for row in rows])


def get_financial_setup(call: FunctionCall) -> FunctionResult:
    """Currencies and entities of the company."""
    shared = "true" if call.company.options.entities else "false"
    told = [
        leaf("baseCurrency", BASE_CURRENCY),
        leaf("defaultBook", "ACCRUAL"),
        leaf("firstFiscalMonth", "1"),
        leaf("multiBaseCurrency", "false"),
        leaf("multiBook", "false"),
        leaf("multiCurrency", "true"),
        leaf("multiEntityShared", shared),
    ]
    return _answer(call, [branch("financialSetup", told)])


def get_user_permissions(call: FunctionCall) -> FunctionResult:
    """Subscriptions and rights of a user; the shape is UNCONFIRMED."""
    _user(call)
    policies = [_policy(call, entry) for entry in call.state.schema if entry.store_name]
    told = [leaf("applicationName", "Platform Services"), branch("policies", policies)]
    return _answer(call, [branch("permissions", [branch("appSubscription", told)])])


def get_audit_trail(call: FunctionCall) -> FunctionResult:
    """The audit of one record, named by natural id (`objectKey`) or record number (`recordNo`); ISO stamps in UTC."""
    if not call.company.options.xml.audit_permission:
        raise no_audit_permission()
    entry = call.state.schema.get(call.text("object"))
    if entry is None:
        raise unknown_object(call.text("object"))
    wanted = call.text("objectKey") or _natural_id(call, entry, call.text("recordNo"))
    trail = open_view(call, "AUDITHISTORY", show_private=True)
    rows = [row for row in trail.rows() if row.get("type") == entry.name.lower()]
    return _answer(call, [_action(row) for row in rows if str(row.get("changeDetails.objectId")) == wanted])


def _answer(call: FunctionCall, children: list[Element]) -> FunctionResult:
    if call.company.options.xml.metered_lookups:
        call.company.transactions.read(call.name)
    else:
        call.company.transactions.model_calls += 1
    return call.answer(Data(children=children))


def _user(call: FunctionCall) -> Row:
    row = call.company.store[USER].find(call.text("userId") or call.text("key"))
    if row is None:
        raise unknown_user(call.text("userId") or call.text("key"))
    return row


def _entity(row: Row) -> Element:
    return branch(
        "entity",
        [
            leaf("id", str(row["id"])),
            leaf("name", str(row.get("name") or "")),
            leaf("recordno", str(row["key"])),
            leaf("currency", BASE_CURRENCY),
            leaf("firstfiscalmonth", "1"),
            leaf("firstfiscaltaxmonth"),
            leaf("weekstart"),
        ],
    )


def _policy(call: FunctionCall, entry: XmlObject) -> Element:
    denied = call.company.options.denied.get(entry.store_name, frozenset())
    offered = [_RIGHTS["read"], *(_RIGHTS[word] for word in ("create", "update", "delete") if word in entry.writes)]
    rights = [right for right in offered if not any(_RIGHTS[word] == right for word in denied)]
    return branch("policy", [leaf("policyName", entry.label), leaf("rights", "|".join(rights))])


def _natural_id(call: FunctionCall, entry: XmlObject, number: str) -> str:
    """The OBJECTKEY of a record number; the number itself where the record is gone."""
    row = call.company.store[entry.store_name].rows.get(number) if entry.store_name else None
    if row is None:
        return number
    field = entry.fields[entry.key]
    getter = call.state.schema.getter(entry, open_view(call, entry.name, show_private=True).path(entry.key))
    return render(field, getter(row), call.formats)


def _action(row: Row) -> Element:
    mode = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in _text(row, "actionPerformed"))
    source = {"userInterface": "ui", "csvImport": "csv"}.get(_text(row, "source"), _text(row, "source"))
    return branch(
        "auditTrailDetail",
        [
            leaf("userId", _text(row, "completedBy")),
            leaf("object", str(row.get("type") or "")),
            leaf("objectKey", str(row.get("changeDetails.objectId") or "")),
            leaf("accessTime", _text(row, "accessDateTime").replace("Z", "+00:00")),
            leaf("accessMode", mode),
            leaf("workflowAction", _text(row, "workflowAction")),
            leaf("webServer", "web01"),
            leaf("trackingId"),
            leaf("ipAddress", _text(row, "clientIPAddress")),
            leaf("source", source),
        ],
    )


def _text(row: Row, name: str) -> str:
    return str(row.get(f"changeSource.{name}") or "")
