"""What the schema says about the elements of the reading calls other than `query`.

Source: the reference, 2.3, 4.2, 4.3, 4.6; children of the legacy reads may come in any order.
"""

from collections.abc import Mapping
from xml.etree.ElementTree import Element

from intacct_sf_pipeline.sandbox.intacct.xml.schema_check import (
    Check,
    Child,
    filled,
    in_any_order,
    in_order,
    one_of,
    one_word,
    optional,
    whole_number,
)

_FORM = optional("returnFormat", one_word("xml", "json", "csv"))


def check_read_by_query(call: Element, most_rows: int) -> list[str]:
    """Findings about a `readByQuery`; `orderby` is none of its children (the reference, 4.2)."""
    return in_any_order(
        call,
        Child("object", check=filled),
        Child("query"),
        optional("fields"),
        optional("pagesize", whole_number(1, most_rows)),
        _FORM,
        optional("docparid"),
    )


def _read(call: Element) -> list[str]:
    return in_any_order(
        call, Child("object", check=filled), Child("keys"), optional("fields"), _FORM, optional("docparid")
    )


def _read_more(call: Element) -> list[str]:
    return one_of(call, *(Child(name, check=filled) for name in ("object", "view", "reportId", "resultId")))


def _user(call: Element) -> list[str]:
    return one_of(call, Child("userId", check=filled), Child("key", check=filled))


def _audit_trail(call: Element) -> list[str]:
    named = "recordNo" if call.find("recordNo") is not None else "objectKey"
    return in_order(call, Child("object", check=filled), Child(named, check=filled))


def _nothing(call: Element) -> list[str]:
    return in_order(call)


READ_CHECKS: Mapping[str, Check] = {
    "getAPISession": lambda call: in_any_order(call, optional("locationid")),
    "readMore": _read_more,
    "read": _read,
    "readByName": _read,
    "readUserFormatting": _user,
    "readEntityDetails": _nothing,
    "getFinancialSetup": _nothing,
    "getUserPermissions": lambda call: in_any_order(call, Child("userId", check=filled)),
    "getAuditTrail": _audit_trail,
}
"""Tag of a call -> its check."""
