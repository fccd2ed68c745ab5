"""The switches of one sandbox company.

Everything here is either a property of the tenant (numbering, entities, custom fields, rights) or a point the reference
marks UNCONFIRMED, so that a client can be tried both ways. Behaviour itself lives elsewhere.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True)
class CustomField:
    """A tenant's own field, added to one object.

    Attributes:
        kind: `string`, `number`, `integer`, `boolean`, `date`, `date-time`, `decimal` or `array` (of strings).
        max_length: longest text accepted, in characters; None for no limit.
        enum: the only values accepted; empty for free text.
        read_only: refused in a write.
        write_only: accepted in a write, never shown, refused in a query.
    """

    kind: str = "string"
    max_length: int | None = None
    enum: tuple[str, ...] = ()
    read_only: bool = False
    write_only: bool = False


@dataclass(frozen=True)
class CompanyOptions:
    """How this company is set up; every default is the most likely behaviour of a live tenant.

    Attributes:
        auto_number_customers: customers without `id` get the next number of the document sequence.
        expires_in: life of an access token, seconds.
        expired_token_status: 401, or the 400 that some clients report.
        missing_required_status: 400 (schema fault) or 422 (business rule).
        contact_audit: whether `company-config/contact` has an `audit` group.
        contact_edit_touches_customer: a contact's own edit also moves the `audit` of customers it is the default of.
        idempotency_supported: whether the `Idempotency-Key` header is honoured.
        stock_move_touches_item: a stock movement also moves the item's `audit`.
        null_totals_for_non_stock: item totals are null where no stock is kept, else "0".
        api_concurrency: requests of one application served at once before 429.
        company_concurrency: the same for the company, shown in headers only.
        throttle_retry_after: seconds named in the header of a 429.
        service_seconds: time each request spends inside the service, so that concurrency can be felt.
        shuffle_seed: order of rows where a query names none.
        stray_alias_column: adds the unexplained `API_QUERY_ALIAS__7` column seen live.
        customer_id_max: longest customer id.
        name_max: longest customer name.
        contact_id_max: longest contact id.
        customer_notes_max: longest customer notes; the vendor names no limit.
        batch_success_status: successful elements of a batch carry `ia::status`.
        rotate_refresh_token: a refresh hands out a new refresh token and retires the old one.
        entity_edits_top_level: inside an entity, top-level records may be changed.
        week_start: first day of a week for the date macros, 0 = Monday.
        entities: (id, name) of the entities besides the top level.
        custom_fields: object name -> field name -> kind (or `CustomField`).
        denied: object name -> operations (`read`, `create`, `update`, `delete`) the sync user may not do.
    """

    auto_number_customers: bool = False
    expires_in: int = 43200
    expired_token_status: Literal[400, 401] = 401
    missing_required_status: Literal[400, 422] = 400
    contact_audit: bool = True
    contact_edit_touches_customer: bool = False
    idempotency_supported: bool = True
    stock_move_touches_item: bool = False
    null_totals_for_non_stock: bool = True
    api_concurrency: int = 6
    company_concurrency: int = 8
    throttle_retry_after: int = 2
    service_seconds: float = 0.0
    shuffle_seed: int = 20
    stray_alias_column: bool = False
    customer_id_max: int = 20
    name_max: int = 100
    contact_id_max: int = 200
    customer_notes_max: int | None = None
    batch_success_status: bool = True
    rotate_refresh_token: bool = False
    entity_edits_top_level: bool = False
    week_start: int = 0
    entities: tuple[tuple[str, str], ...] = (("E100", "North"), ("E200", "South"))
    custom_fields: Mapping[str, Mapping[str, str | CustomField]] = field(default_factory=dict)
    denied: Mapping[str, frozenset[str]] = field(default_factory=dict)
