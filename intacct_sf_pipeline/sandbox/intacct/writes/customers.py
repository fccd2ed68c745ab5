"""What only customers do: the default ("display") contact written inline, and the contact list.

Source: the reference, 5.6, 5.7, 6.3 and 9.8; the XML documentation for the generated contact name and the skipped pair.
"""

from collections.abc import Mapping

from intacct_sf_pipeline.sandbox.intacct.errors import (
    Detail,
    bad_value,
    duplicate,
    missing_field,
    operation_failed,
    rule,
    schema_fault,
)
from intacct_sf_pipeline.sandbox.intacct.schema.customers import CONTACT, CUSTOMER, CUSTOMER_CONTACT
from intacct_sf_pipeline.sandbox.intacct.schema.types import Row
from intacct_sf_pipeline.sandbox.intacct.state.store import Store
from intacct_sf_pipeline.sandbox.intacct.state.visibility import ENTITY_COLUMN
from intacct_sf_pipeline.sandbox.intacct.writes import history
from intacct_sf_pipeline.sandbox.intacct.writes.actor import Actor
from intacct_sf_pipeline.sandbox.intacct.writes.payload import Changes, PayloadReader
from intacct_sf_pipeline.sandbox.intacct.writes.rules import broken_ref, resolve_ref

DEFAULT = "contacts.default"
DEFAULT_KEY = "contacts.default.key"
_OPERATION = "ia::operation"


def display_contact_id(name: str, customer_id: str) -> str:
    """The contact name the service makes up: `Acme(CC-1)` for customer C-1, Acme."""
    return f"{name}(C{customer_id})"


def new_contact(store: Store, contact_id: str, print_as: str, entity_key: str | None) -> Row:
    """A contact row with the defaults of a display contact, not yet stored."""
    spec = store.catalog[CONTACT]
    row: Row = {field.path: field.default for field in spec.fields.values() if field.default is not None}
    return row | {
        "id": contact_id,
        "printAs": print_as,
        "tax.isTaxable": False,
        ENTITY_COLUMN: entity_key,
    }


class CustomerParts:
    """The default contact and the contact list of customers."""

    def __init__(self, store: Store) -> None:
        """Args: the tables."""
        self._store = store

    def default_contact(self, actor: Actor, row: Row, changes: Changes, operation: str) -> None:
        """Gives a customer row its default contact: a chosen one, a new one, or the present one edited."""
        inline = changes.inline.get(DEFAULT, Changes())
        choice = changes.refs.get(DEFAULT)
        if operation == "PATCH" and choice is not None and choice.clears and not inline.values:
            raise operation_failed(operation, CUSTOMER, [rule("The default contact cannot be removed")])
        key = row.get(DEFAULT_KEY)
        if key is None:
            wanted = choice.id if choice is not None else None
            row[DEFAULT_KEY] = self._create_contact(actor, row, inline, wanted, operation)
        elif inline.values or inline.refs:
            self._edit_contact(actor, str(key), inline, operation)

    def _create_contact(
        self, actor: Actor, customer: Row, inline: Changes, contact_id: str | None, operation: str
    ) -> str:
        table = self._store[CONTACT]
        name = str(customer["name"])
        made_up = contact_id or display_contact_id(name, str(customer["id"]))
        if made_up in table.by_id:
            raise operation_failed(operation, CUSTOMER, [duplicate(made_up)])
        row = new_contact(self._store, made_up, name, actor.entity_key) | inline.values
        self._contact_refs(row, inline, operation)
        row["key"] = table.new_key()
        history.stamp_created(self._store, actor, row)
        table.insert(row)
        history.record_action(self._store, actor, table.spec, row, "create")
        return str(row["key"])

    def _edit_contact(self, actor: Actor, key: str, inline: Changes, operation: str) -> None:
        table = self._store[CONTACT]
        old = table.rows[key]
        row = old | inline.values
        self._contact_refs(row, inline, operation)
        history.stamp_modified(self._store, actor, row)
        table.replace(key, row)
        history.record_changes(self._store, actor, table.spec, old, row)

    def _contact_refs(self, row: Row, inline: Changes, operation: str) -> None:
        spec = self._store.catalog[CONTACT]
        for path, choice in inline.refs.items():
            ref = spec.refs[path]
            key = resolve_ref(self._store, ref, choice.key, choice.id)
            if key is None and not choice.clears:
                raise operation_failed(operation, CUSTOMER, [broken_ref(ref, str(choice.key or choice.id))])
            row[ref.column] = key

    def touch_holders(self, actor: Actor, contact_key: str) -> None:
        """Moves the `audit` of the customers whose default contact this is."""
        table = self._store[CUSTOMER]
        for key in table.referring(DEFAULT_KEY, contact_key):
            row = dict(table.rows[key])
            history.stamp_modified(self._store, actor, row)
            table.replace(key, row)

    def contact_list(self, actor: Actor, customer: Row, changes: Changes) -> None:
        """Applies the elements of `contactList`: add, change by key, delete by key and operation."""
        for position, element in enumerate(changes.lists.get("contactList", ())):
            target = f"/contactList/{position}"
            operation = element.get(_OPERATION, "patch" if "key" in element else "post")
            if operation not in ("delete", "patch", "update", "post", "add", "create"):
                raise schema_fault([bad_value(f"{target}/{_OPERATION}", f"{operation!r} is not a valid operation")])
            if "key" in element and element["key"] is not None:
                self._change_entry(actor, customer, element, target, delete=operation == "delete")
            elif operation == "delete":
                raise schema_fault([missing_field(f"contactList.{position}.key")])
            else:
                self._add_entry(actor, customer, element, target)

    def _read_entry(self, element: Mapping[str, object], target: str, current: Row | None) -> Row:
        spec = self._store.catalog[CUSTOMER_CONTACT]
        members = {name: value for name, value in element.items() if name not in ("key", _OPERATION)}
        reader = PayloadReader(self._store.catalog, spec, current, target=target)
        changes = reader.read(members)
        if reader.faults:
            raise schema_fault(reader.faults)
        row = dict(current or {}) | changes.values
        for path, choice in changes.refs.items():
            ref = spec.refs[path]
            key = resolve_ref(self._store, ref, choice.key, choice.id)
            if key is None:
                raise operation_failed("PATCH", CUSTOMER, [broken_ref(ref, str(choice.key or choice.id))])
            row[ref.column] = key
        return row

    def _change_entry(
        self, actor: Actor, customer: Row, element: Mapping[str, object], target: str, *, delete: bool
    ) -> None:
        table = self._store[CUSTOMER_CONTACT]
        key = str(element["key"])
        old = table.rows.get(key)
        if old is None or old["customer.key"] != customer["key"]:
            raise operation_failed("PATCH", CUSTOMER, [_no_entry(key)])
        if delete:
            history.record_action(self._store, actor, table.spec, table.remove(key), "delete")
            return
        row = self._read_entry(element, target, old)
        history.stamp_modified(self._store, actor, row)
        table.replace(key, row)
        history.record_changes(self._store, actor, table.spec, old, row)

    def _add_entry(self, actor: Actor, customer: Row, element: Mapping[str, object], target: str) -> None:
        table = self._store[CUSTOMER_CONTACT]
        row = self._read_entry(element, target, None)
        if row.get("contact.key") is None:
            raise schema_fault([missing_field(target.strip("/").replace("/", ".") + ".contact")])
        pair = (row.get("categoryName"), row["contact.key"])
        for key in table.referring("customer.key", customer["key"]):
            if (table.rows[key].get("categoryName"), table.rows[key]["contact.key"]) == pair:
                return
        row |= {"key": table.new_key(), "customer.key": customer["key"]}
        history.stamp_created(self._store, actor, row)
        table.insert(row)
        history.record_action(self._store, actor, table.spec, row, "create")


def _no_entry(key: str) -> Detail:
    return rule(f"{key} is not an entry of this customer's contact list", "IA.INVALID_REFERENCE")
