"""References of a write by natural id: each must name a record that exists, in the words of this door."""

from intacct_sf_pipeline.sandbox.intacct.schema.customers import CONTACT
from intacct_sf_pipeline.sandbox.intacct.state.store import Store
from intacct_sf_pipeline.sandbox.intacct.writes.rules import resolve_ref
from intacct_sf_pipeline.sandbox.intacct.xml.results import ErrorEntry
from intacct_sf_pipeline.sandbox.intacct.xml.schema.catalog import ref_of
from intacct_sf_pipeline.sandbox.intacct.xml.schema.types import XmlObject
from intacct_sf_pipeline.sandbox.intacct.xml.writes.chains import broken_reference, no_contact
from intacct_sf_pipeline.sandbox.intacct.xml.writes.payload import Payload


def check_references(store: Store, entry: XmlObject, payload: Payload) -> list[ErrorEntry]:
    """What stands against the references of a write."""
    spec = store.catalog[entry.store_name]
    labels = {field.path: field.label for field in entry.fields.values()}
    found: list[ErrorEntry] = []
    for path, value in payload.members.items():
        ref = ref_of(spec, path)
        if ref is None or path != f"{ref.path}.id" or ref.inline or value is None:
            continue
        if resolve_ref(store, ref, None, str(value)) is None:
            contact = ref.target == CONTACT
            found.append(no_contact(str(value)) if contact else broken_reference(labels[path], str(value)))
    return found
