"""All objects of one company, custom fields included: found by name, their dotted paths resolved across references."""

from collections.abc import Iterator
from dataclasses import dataclass

from intacct_sf_pipeline.sandbox.intacct.options import CompanyOptions, CustomField
from intacct_sf_pipeline.sandbox.intacct.schema import attachments, company, contacts, customers, items, prices, stock
from intacct_sf_pipeline.sandbox.intacct.schema.types import Field, Kind, ObjectSpec, Ref

_MAX_HOPS = 6


@dataclass(frozen=True)
class FieldPath:
    """A dotted path that ends in a field: the references it passes, then the field.

    Attributes:
        text: as asked for.
        hops: references followed, in order.
        field: the field at the end, of `owner`.
        owner: the object the field belongs to.
    """

    text: str
    hops: tuple[Ref, ...]
    field: Field
    owner: ObjectSpec


class Catalog:
    """The objects a company offers."""

    def __init__(self, options: CompanyOptions) -> None:
        """Builds every object's table for these options."""
        builders = (
            customers.customer,
            customers.customer_contact,
            contacts.contact,
            items.item,
            stock.warehouse,
            stock.item_warehouse_inventory,
            stock.item_warehouse_standard_cost,
            prices.price_list,
            prices.price_list_entry,
            company.entity,
            company.user,
            company.audit_history,
            company.document_sequence,
            attachments.folder,
            attachments.attachment,
        )
        specs = [build(options) for build in builders] + [company.setup_list(name) for name in company.SETUP_LISTS]
        self._specs = {spec.name: spec for spec in specs}
        for name, fields in options.custom_fields.items():
            for field_name, custom in fields.items():
                self.add_field(self.full_name(name), field_name, custom)

    def __iter__(self) -> Iterator[ObjectSpec]:
        """All objects, the main ones first."""
        return iter(self._specs.values())

    def get(self, name: str) -> ObjectSpec | None:
        """The object of that full name, or None."""
        return self._specs.get(name)

    def __getitem__(self, name: str) -> ObjectSpec:
        """The object of that full name.

        Raises:
            KeyError: no such object.
        """
        return self._specs[name]

    def full_name(self, name: str) -> str:
        """The full name for a full or short one; of several short ones the main object wins.

        Raises:
            KeyError: no such object.
        """
        if name in self._specs:
            return name
        for full in self._specs:
            if full.rsplit("/", 1)[-1] == name:
                return full
        raise KeyError(name)

    def add_field(self, name: str, field_name: str, custom: str | CustomField) -> None:
        """Adds a custom field to an object; one already there stays as it is.

        Raises:
            KeyError: no such object.
            ValueError: not a kind of field.
        """
        spec = self._specs[name]
        if field_name in spec.fields:
            return
        wanted = CustomField(custom) if isinstance(custom, str) else custom
        kind = Kind.ENUM if wanted.enum else Kind(wanted.kind)
        field = Field(
            field_name,
            kind,
            max_length=wanted.max_length,
            enum=wanted.enum,
            read_only=wanted.read_only,
            write_only=wanted.write_only,
            mutable=not wanted.read_only,
        )
        self._specs[name] = spec.extended([field])

    def resolve(self, spec: ObjectSpec, text: str) -> FieldPath | None:
        """The field a dotted path ends in, following references; None if there is none.

        Groups, references and lists by themselves are not fields. Source: the reference, 4.4 (child to owner only).
        """
        hops: list[Ref] = []
        rest = text
        while rest not in spec.fields:
            ref = next((ref for path, ref in spec.refs.items() if rest.startswith(path + ".")), None)
            if ref is None or len(hops) >= _MAX_HOPS:
                return None
            hops.append(ref)
            rest = rest[len(ref.path) + 1 :]
            spec = self._specs[ref.target]
        return FieldPath(text, tuple(hops), spec.fields[rest], spec)
