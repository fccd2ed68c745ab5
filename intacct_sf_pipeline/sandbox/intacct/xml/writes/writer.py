"""Creates, updates and deletes one record at a time for the XML door, by the store's own writes.

The generic and the legacy functions share it: same rules, same audit trail, same meter as the REST door; the words are
this door's (`chains`).
"""

from collections.abc import Callable, Mapping

from intacct_sf_pipeline.sandbox.intacct.errors import ApiError
from intacct_sf_pipeline.sandbox.intacct.schema.customers import CONTACT, CUSTOMER
from intacct_sf_pipeline.sandbox.intacct.schema.items import ITEM
from intacct_sf_pipeline.sandbox.intacct.schema.types import ObjectSpec, Row
from intacct_sf_pipeline.sandbox.intacct.state.visibility import reachable
from intacct_sf_pipeline.sandbox.intacct.writes import history
from intacct_sf_pipeline.sandbox.intacct.writes.customers import DEFAULT_KEY, display_contact_id
from intacct_sf_pipeline.sandbox.intacct.writes.rules import deletion_obstacles
from intacct_sf_pipeline.sandbox.intacct.xml.calls import ErrorEntry, FunctionCall, XmlFault
from intacct_sf_pipeline.sandbox.intacct.xml.schema.types import XmlObject
from intacct_sf_pipeline.sandbox.intacct.xml.writes import contact_list
from intacct_sf_pipeline.sandbox.intacct.xml.writes.chains import (
    RULE,
    WriteRefused,
    chain,
    duplicate,
    from_rest,
    in_use,
    missing_field,
    missing_key,
    no_contact,
    rule,
)
from intacct_sf_pipeline.sandbox.intacct.xml.writes.given import Given
from intacct_sf_pipeline.sandbox.intacct.xml.writes.payload import DISPLAY, Payload, build
from intacct_sf_pipeline.sandbox.intacct.xml.writes.references import check_references
from intacct_sf_pipeline.sandbox.intacct.xml.writes.warehouses import add_warehouses
from intacct_sf_pipeline.sandbox.intacct.xml.xml_errors import no_permission

_KEEPS_STOCK = ("inventory", "stockableKit")
_CONTACT_PARTS = ("Contact", "Display Contact")


class XmlWriter:
    """The writes of one function call."""

    def __init__(self, call: FunctionCall) -> None:
        """Args: the call: who writes, where, in which formats."""
        self._call = call
        self._company = call.company
        self._store = call.company.store
        self._options = call.company.options.xml

    def create(self, entry: XmlObject, given: Given) -> Row:
        """Creates a record and returns its row.

        Raises:
            XmlFault: the chain of a refusal.
        """
        return self._guarded("create", entry, lambda: self._create(entry, given))

    def update(self, entry: XmlObject, given: Given, row: Row) -> Row:
        """Changes what is given of a record and returns its row.

        Raises:
            XmlFault: the chain of a refusal.
        """
        return self._guarded("update", entry, lambda: self._update(entry, given, row))

    def delete(self, entry: XmlObject, key: str, row: Row | None) -> None:
        """Deletes a record; `row` None: there is none with that key.

        Raises:
            XmlFault: the chain of a refusal.
        """

        def remove() -> Row:
            if row is None:
                raise WriteRefused([missing_key("delete", entry, key)])
            spec = self._spec(entry)
            if deletion_obstacles(self._store, spec, str(row["key"])):
                raise WriteRefused([in_use(entry, str(row["key"] if spec.id_is_key else row["id"]))])
            self._company.records.delete(self._call.actor, spec, str(row["key"]))
            return row

        self._guarded("delete", entry, remove)

    def by_key(self, entry: XmlObject, key: str) -> Row | None:
        """The record of a record number, if this session may reach it."""
        return self._reachable(entry, self._store[entry.store_name].rows.get(key.strip()))

    def by_id(self, entry: XmlObject, record_id: str) -> Row | None:
        """The record of a natural key, if this session may reach it."""
        table = self._store[entry.store_name]
        return self._reachable(entry, table.rows.get(table.by_id.get(record_id, "")))

    def missing(self, verb: str, entry: XmlObject, key: str) -> XmlFault:
        """The fault about a record that is not there."""
        return self._fault(WriteRefused([missing_key(verb, entry, key)]), verb, entry)

    def refused(self, verb: str, entry: XmlObject, text: str) -> XmlFault:
        """The fault of a rule in its own words."""
        return self._fault(WriteRefused([rule(text)]), verb, entry)

    def admit(self, verb: str, entry: XmlObject) -> None:
        """Counts one record about to be written; refuses it when the service is told to.

        Raises:
            XmlFault: the record is locked, or as the fault says.
        """
        refusal = self._call.gate.next()
        if refusal is not None:
            text = refusal.message or "The record is locked by another user or process, try again later"
            raise self._fault(WriteRefused([ErrorEntry(refusal.code or RULE, "", text)]), verb, entry)

    def check_permission(self, operation: str, entry: XmlObject, *, legacy: bool = False) -> None:
        """Refuses what the user may not do, or what the generic functions do not do for an object.

        Raises:
            XmlFault: `PL04000005`.
        """
        denied = self._company.options.denied.get(entry.store_name, ())
        if operation in denied or (not legacy and operation not in entry.writes):
            raise no_permission(operation.capitalize(), entry.name)

    def _spec(self, entry: XmlObject) -> ObjectSpec:
        return self._store.catalog[entry.store_name]

    def _reachable(self, entry: XmlObject, row: Row | None) -> Row | None:
        if row is None or not reachable(self._store, self._spec(entry), self._call.actor.entity_key, row):
            return None
        return row

    def _guarded(self, verb: str, entry: XmlObject, write: Callable[[], Row]) -> Row:
        meter = self._company.transactions
        counted = (meter.records_written, meter.by_object.copy())
        try:
            with self._store.transaction():
                return write()
        except ApiError as fault:
            meter.records_written, meter.by_object = counted
            raise self._fault(from_rest(fault, entry), verb, entry) from None
        except WriteRefused as refused:
            meter.records_written, meter.by_object = counted
            raise self._fault(refused, verb, entry) from None

    def _fault(self, refused: WriteRefused, verb: str, entry: XmlObject) -> XmlFault:
        return XmlFault(chain(refused, verb, entry, self._call.state.support_ids.next()))

    def _create(self, entry: XmlObject, given: Given) -> Row:
        payload = self._payload(entry, given, creating=True)
        spec = self._spec(entry)
        if spec.name == CUSTOMER:
            self._check_new_customer(payload, exists=given.display_exists)
        elif spec.name == ITEM:
            stocked = payload.members.get("itemType") in _KEEPS_STOCK
            payload.members.setdefault("costMethod", "average" if stocked else "null")
        self._check_unique(entry, spec, payload, None)
        self._require(entry, payload)
        members = payload.nested()
        if given.contacts:
            members["contactList"] = contact_list.additions(self._store, given.contacts)
        key = self._company.records.create(self._call.actor, spec, members)
        self._keep_extras(spec, key, payload)
        add_warehouses(self._call, key, given.warehouses)
        return self._store[spec.name].rows[key]

    def _update(self, entry: XmlObject, given: Given, row: Row) -> Row:
        payload = self._payload(entry, given, creating=False)
        spec, key = self._spec(entry), str(row["key"])
        self._check_unique(entry, spec, payload, key)
        if payload.members.get("itemType", row.get("itemType")) != row.get("itemType"):
            raise WriteRefused([rule("The item type cannot be changed.")])
        if payload.members.get(DISPLAY + "id") not in self._store[CONTACT].by_id:
            payload.members.pop(DISPLAY + "id", None)
        members = payload.nested()
        if given.contacts is not None and spec.name == CUSTOMER:
            members["contactList"] = contact_list.changes(self._store, key, given.contacts)
        self._keep_extras(spec, key, payload)
        self._company.records.update(self._call.actor, spec, key, members)
        return self._store[spec.name].rows[key]

    def _payload(self, entry: XmlObject, given: Given, *, creating: bool) -> Payload:
        payload = build(entry, given, self._call.formats, self._options, creating=creating)
        payload.faults.extend(check_references(self._store, entry, payload))
        if payload.contact_faults:
            raise WriteRefused([*payload.contact_faults, *payload.faults], _CONTACT_PARTS)
        if payload.faults:
            raise WriteRefused(payload.faults)
        return payload

    def _check_new_customer(self, payload: Payload, *, exists: bool) -> None:
        """The display contact needs PRINTAS and a name of its own. Source: the XML reference, 7.1 and 7.1.1."""
        members = payload.members
        if exists:
            chosen = str(members.get(DISPLAY + "id") or "")
            if chosen not in self._store[CONTACT].by_id:
                raise WriteRefused([no_contact(chosen)])
            return
        if not members.get(DISPLAY + "printAs"):
            raise WriteRefused([missing_field("Print as")], _CONTACT_PARTS)
        name, record_id = members.get("name"), members.get("id")
        wanted = members.get(DISPLAY + "id") or (name and record_id and display_contact_id(str(name), str(record_id)))
        if wanted and str(wanted) in self._store[CONTACT].by_id and record_id not in self._store[CUSTOMER].by_id:
            raise WriteRefused([duplicate("Contact", str(wanted))], _CONTACT_PARTS)

    def _check_unique(self, entry: XmlObject, spec: ObjectSpec, payload: Payload, own: str | None) -> None:
        table, members = self._store[spec.name], payload.members
        record_id = members.get("id")
        if own is None and record_id is not None and str(record_id) in table.by_id:
            raise WriteRefused([duplicate(entry.label, str(record_id))])
        if spec.unique_name and members.get("name") is not None:
            name = str(members["name"])
            if any(key != own for key in table.referring("name", name)):
                raise WriteRefused([duplicate(entry.label, name)])

    def _require(self, entry: XmlObject, payload: Payload) -> None:
        given: Mapping[str, object] = payload.members
        lacking = [
            field.label for field in entry.fields.values() if field.required and given.get(field.path) in (None, "")
        ]
        numbered = self._company.options.auto_number_customers
        if entry.name == "CUSTOMER" and not given.get("id") and not numbered:
            lacking.insert(0, entry.fields[entry.key].label)
        if lacking:
            raise WriteRefused([missing_field(label) for label in lacking])

    def _keep_extras(self, spec: ObjectSpec, key: str, payload: Payload) -> None:
        """Stores what only XML knows; the audit trail tells of it."""
        for name, owner, extras in (
            (spec.name, key, payload.extras),
            (CONTACT, self._store[spec.name].rows[key].get(DEFAULT_KEY), payload.contact_extras),
        ):
            table = self._store[name]
            old = table.rows.get(str(owner)) if extras else None
            if old is not None:
                table.replace(str(owner), old | extras)
                history.record_changes(self._store, self._call.actor, table.spec, old, old | extras)
