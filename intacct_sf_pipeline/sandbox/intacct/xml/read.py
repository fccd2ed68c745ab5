"""`read` and `readByName`: records by record number or natural id.

Source: the reference, 4.3 (keys, missing ones are silently absent), 3.2 and 3.3 (shapes).
"""

from collections.abc import Sequence
from xml.etree.ElementTree import Element

from intacct_sf_pipeline.sandbox.intacct.schema.types import Row
from intacct_sf_pipeline.sandbox.intacct.state.visibility import reachable
from intacct_sf_pipeline.sandbox.intacct.xml.calls import FunctionCall, FunctionResult
from intacct_sf_pipeline.sandbox.intacct.xml.elements import branch, leaf
from intacct_sf_pipeline.sandbox.intacct.xml.reading_rows import View, asked_fields, listed, open_view, wants_all
from intacct_sf_pipeline.sandbox.intacct.xml.schema.types import XmlObject
from intacct_sf_pipeline.sandbox.intacct.xml.writes.contact_list import named_entries
from intacct_sf_pipeline.sandbox.intacct.xml.xml_errors import too_many_keys

MOST_KEYS = 100
_CUSTOMER = "CUSTOMER"


def read(call: FunctionCall) -> FunctionResult:
    """Records by record number."""
    return _read(call, by_name=False)


def read_by_name(call: FunctionCall) -> FunctionResult:
    """Records by natural id; one that holds a comma cannot be named (UNCONFIRMED)."""
    return _read(call, by_name=True)


def _read(call: FunctionCall, *, by_name: bool) -> FunctionResult:
    keys = [key.strip() for key in call.text("keys").split(",") if key.strip()]
    if len(keys) > MOST_KEYS:
        raise too_many_keys(call.name, MOST_KEYS)
    view = open_view(call, call.text("object"), show_private=True)
    fields = call.text("fields")
    paths = asked_fields(view, fields)
    rows = _rows(view, view.entry.key if by_name else _number_field(view.entry), keys)
    if call.company.options.xml.metered_reads:
        call.company.transactions.read(view.metered_as)
    told = {"listtype": call.text("object"), "count": str(len(rows))}
    form = call.text("returnFormat") or "xml"
    every = wants_all(fields)
    nested = every and call.company.options.xml.read_nested

    def owned(row: Row) -> Sequence[Element]:
        return contact_list(call, row) if every and view.entry.name == _CUSTOMER else ()

    return listed(call, form, view.entry.name, told, view.entry, paths, rows, nested=nested, owned=owned)


def contact_list(call: FunctionCall, row: Row) -> list[Element]:
    """A customer's contact list as `read` shows it; under which name is UNCONFIRMED (switch)."""
    shape = call.company.options.xml.contact_list
    entries = named_entries(call.company.store, str(row["key"])) if shape else []
    shown = [[leaf("CATEGORYNAME", category), branch("CONTACT", [leaf("NAME", name)])] for category, name in entries]
    if shape == "CUSTOMERCONTACTS":
        return [branch(shape, [branch("CUSTOMERENTITYCONTACTS", entry) for entry in shown])]
    return [branch(shape, entry) for entry in shown]


def _number_field(entry: XmlObject) -> str:
    """The field `read` takes keys of: RECORDNO, or ID where there is none."""
    return "RECORDNO" if "RECORDNO" in entry.fields else entry.key


def _rows(view: View, field: str, keys: Sequence[str]) -> list[Row]:
    """The records of these keys that the caller may see, in the order of the keys, each once."""
    found = view.by_identity(field, keys)
    if found is None:
        shown, getter = view.lookup(field)
        by_text = {str(getter(row)): row for row in view.rows()} if shown is not None else {}
        found = [by_text[key] for key in dict.fromkeys(keys) if key in by_text]
    store = view.call.company.store
    spec = store.catalog.get(view.entry.store_name)
    if spec is None:
        return found
    return [row for row in found if reachable(store, spec, view.call.actor.entity_key, row)]
