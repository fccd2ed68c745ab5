"""The legacy functions: `create_`, `update_`, `delete_` of customers, contacts, items, price lists, price entries,
attachments and their folders.

Source: the XML reference, 5 and 7.5; request schema 3.0 for the attributes. They answer `key`; whether that is the
natural id or the record number, and what `ignoreduplicates` does, is UNCONFIRMED: switches.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from intacct_sf_pipeline.sandbox.intacct.schema.types import Row
from intacct_sf_pipeline.sandbox.intacct.xml.calls import FunctionCall, FunctionResult, Handler
from intacct_sf_pipeline.sandbox.intacct.xml.legacy import models
from intacct_sf_pipeline.sandbox.intacct.xml.legacy.checks import empty, ordered
from intacct_sf_pipeline.sandbox.intacct.xml.legacy.contacts import settle_contacts
from intacct_sf_pipeline.sandbox.intacct.xml.legacy.content import read_parts
from intacct_sf_pipeline.sandbox.intacct.xml.legacy.models import Part
from intacct_sf_pipeline.sandbox.intacct.xml.schema.types import XmlObject
from intacct_sf_pipeline.sandbox.intacct.xml.schema_check import Check
from intacct_sf_pipeline.sandbox.intacct.xml.writes.writer import XmlWriter


@dataclass(frozen=True)
class Legacy:
    """One object's legacy functions.

    Attributes:
        name: as in `create_NAME`.
        object_name: the XML object.
        attribute: names the record in `update_` and `delete_`.
        create, update: the children of those functions.
        fixed: fields of every new record.
        child: names the record in `update_`, where no attribute does.
    """

    name: str
    object_name: str
    attribute: str
    create: tuple[Part, ...]
    update: tuple[Part, ...]
    fixed: tuple[tuple[str, str], ...] = ()
    child: str = ""

    def handlers(self) -> dict[str, Handler]:
        """Tag of a call -> its handler."""
        return {
            f"create_{self.name}": self.answer_create,
            f"update_{self.name}": self.answer_update,
            f"delete_{self.name}": self.answer_delete,
        }

    def checks(self) -> dict[str, Check]:
        """Tag of a call -> findings of the schema about its element."""
        return {
            f"create_{self.name}": ordered(self.create),
            f"update_{self.name}": ordered(self.update, *(() if self.child else (self.attribute,))),
            f"delete_{self.name}": empty(self.attribute),
        }

    def answer_create(self, call: FunctionCall) -> FunctionResult:
        """`create_...`: one new record.

        Raises:
            XmlFault: the chain of a refusal.
        """
        entry, writer = call.state.schema[self.object_name], XmlWriter(call)
        writer.check_permission("create", entry, legacy=True)
        writer.admit("create", entry)
        given = read_parts(call.element, self.create, call.formats)
        given.fields.update(self.fixed)
        known = writer.by_id(entry, given.text(entry.key)) if entry.key != "RECORDNO" else None
        wanted = call.element.get("ignoreduplicates") == "true" and call.company.options.xml.ignore_duplicates
        if known is not None and wanted:
            return call.answer(key=_key(call, entry, known))
        with call.company.store.transaction():
            settle_contacts(writer, call, entry, given)
            row = writer.create(entry, given)
        return call.answer(key=_key(call, entry, row))

    def answer_update(self, call: FunctionCall) -> FunctionResult:
        """`update_...`: one record patched; empty elements clear with `set_nulls` only.

        Raises:
            XmlFault: the chain of a refusal.
        """
        entry, writer = call.state.schema[self.object_name], XmlWriter(call)
        writer.check_permission("update", entry, legacy=True)
        writer.admit("update", entry)
        row = self._named(call, entry, writer)
        given = read_parts(call.element, self.update, call.formats)
        if call.element.get("set_nulls") != "true":
            given.fields = {name: text for name, text in given.fields.items() if text}
        if row is None:
            raise writer.missing("update", entry, self._name(call))
        if FILES in given.fields:
            given.fields[FILES] = "\n".join(filter(None, (str(row.get(f"xml.{FILES}") or ""), given.fields[FILES])))
        with call.company.store.transaction():
            settle_contacts(writer, call, entry, given)
            changed = writer.update(entry, given, row)
        return call.answer(key=_key(call, entry, changed))

    def answer_delete(self, call: FunctionCall) -> FunctionResult:
        """`delete_...`: one record.

        Raises:
            XmlFault: the chain of a refusal.
        """
        entry, writer = call.state.schema[self.object_name], XmlWriter(call)
        writer.check_permission("delete", entry, legacy=True)
        writer.admit("delete", entry)
        row = self._named(call, entry, writer)
        writer.delete(entry, self._name(call), row)
        return call.answer(key=None if row is None else _key(call, entry, row))

    def _name(self, call: FunctionCall) -> str:
        if self.child and call.name.startswith("update_"):
            return call.text(self.child)
        return call.element.get(self.attribute, "")

    def _named(self, call: FunctionCall, entry: XmlObject, writer: XmlWriter) -> Row | None:
        """The record the attribute names; external keys are not kept, so none is found by one."""
        named = self._name(call)
        if call.element.get("externalkey") == "true":
            return None
        row = writer.by_key(entry, named) if entry.key == "RECORDNO" else writer.by_id(entry, named)
        kind = dict(self.fixed).get("SALEPURCHASE")
        return None if row is not None and kind and row.get("appliesTo") != _KINDS[kind] else row


def _key(call: FunctionCall, entry: XmlObject, row: Row) -> str:
    if entry.key == "RECORDNO" or call.company.options.xml.legacy_key == "recordno":
        return str(row["key"])
    return str(row[entry.fields[entry.key].path])


FILES = "ATTACHMENTS"
"""The field that files are kept in; an update adds to them."""

_KINDS: Mapping[str, str] = {"Sale": "orderEntry", "Purchase": "purchasing"}
FUNCTIONS: Sequence[Legacy] = (
    Legacy("customer", "CUSTOMER", "customerid", models.CREATE_CUSTOMER, models.UPDATE_CUSTOMER),
    Legacy("contact", "CONTACT", "contactname", models.CREATE_CONTACT, models.UPDATE_CONTACT),
    Legacy("item", "ITEM", "itemid", models.CREATE_ITEM, models.UPDATE_ITEM),
    Legacy(
        "sopricelist",
        "SOPRICELIST",
        "name",
        models.CREATE_PRICE_LIST,
        models.UPDATE_PRICE_LIST,
        (("SALEPURCHASE", "Sale"),),
    ),
    Legacy(
        "popricelist",
        "POPRICELIST",
        "name",
        models.CREATE_PRICE_LIST,
        models.UPDATE_PRICE_LIST,
        (("SALEPURCHASE", "Purchase"),),
    ),
    Legacy(
        "invpricelistentry",
        "INVPRICELISTENTRY",
        "recordno",
        models.price_entry(creating=True),
        models.price_entry(creating=False),
    ),
    Legacy("supdoc", "SUPDOC", "key", models.CREATE_SUPDOC, models.UPDATE_SUPDOC, child="supdocid"),
    Legacy("supdocfolder", "SUPDOCFOLDER", "key", models.CREATE_FOLDER, models.UPDATE_FOLDER, child="supdocfoldername"),
)
