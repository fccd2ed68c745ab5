"""Which objects an org has: the features that switch parts on and off, and the schema they give."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from intacct_sf_pipeline.sandbox.salesforce.schema import accounts, currencies, custom, notes, platform, products
from intacct_sf_pipeline.sandbox.salesforce.schema.model import Field, Schema


@dataclass(frozen=True)
class OrgFeatures:
    """What an administrator has switched on.

    `extra_fields` maps an object name to further fields, for exports with columns of their own. `currencies` switches
    several currencies on: the active ones, the corporate one first; `inactive_currencies` are known and switched off.
    """

    custom_fields: bool = True
    state_country_picklists: bool = False
    extra_fields: Mapping[str, Sequence[Field]] = field(default_factory=dict)
    currencies: tuple[str, ...] = ()
    inactive_currencies: tuple[str, ...] = ()


def build_schema(features: OrgFeatures) -> Schema:
    """The schema of an org with these features."""
    codes = features.state_country_picklists
    sync = custom.sync_fields() if features.custom_fields else ()
    on_product = custom.product_fields() if features.custom_fields else ()
    types = [
        accounts.account(sync, codes=codes),
        accounts.contact(sync, codes=codes),
        products.product(on_product),
        products.price_book(()),
        products.price_book_entry(()),
        notes.note(),
        notes.content_note(),  # shares its prefix with ContentDocument, which must come later to own it
        notes.content_document(),
        notes.content_version(),
        notes.content_document_link(),
        platform.user(),
        platform.organization(),
        platform.record_type(),
        platform.duplicate_rule(),
    ]
    if features.custom_fields:
        types.append(custom.warehouse_stock())
    if features.currencies:
        types.append(currencies.currency_type())
    schema = Schema.of(types)
    if features.currencies:
        schema = currencies.with_currencies(schema, features.currencies)
    for sobject, extra in features.extra_fields.items():
        schema = schema.with_fields(sobject, extra)
    return schema
