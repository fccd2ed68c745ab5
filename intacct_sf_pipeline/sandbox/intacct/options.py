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
class XmlOptions:
    """How the XML gateway behaves; what the reference (intacct-xml.md) marks UNCONFIRMED is a switch here.

    Attributes:
        gmt_offset: of the web services user, as `readUserFormatting` tells it: `+hh:mm` or `-hh:mm`.
        date_format: of the same user: separator and order (`/mdY`, `-dmY`, `-Ymd`, ...).
        clock: `24` or `12`.
        always_utc: stamps are shown and read in UTC whatever the user's offset.
        format_follows_user: `date_format` and `clock` change what the API shows and reads; else it is `/mdY`, 24 h.
        session_hours: life of a session; each call moves its end.
        session_timeout_told: replies carry `sessiontimeout`.
        concurrency: requests served at once before 429.
        throttle_retry_after: seconds in a `Retry-After` header of a 429; None sends none.
        metered_reads: other reading calls (`read`, `readByName`, `readMore`) count as transactions.
        metered_lookups: calls about the model and the user (`lookup`, `inspect`, `getAPISession`, ...) count too.
        sender_authorised: the company allows the sender.
        wrong_sender: how a wrong sender is told: at control level, by the gateway (400 GW-0011), or as HTTP 401.
        unknown_company: how a login to another company is told: as a wrong sign-in, or by the gateway (400 GW-0011).
        audit_permission: the user may view the audit trail.
        sum_prefix: a sum's element is named `SUM.FIELD`, else by the bare field.
        empty_data_on_failure: a failing `query` still carries `data totalcount="0"`.
        bad_filter_siblings: two operators side by side in `filter` are a schema fault; else they are joined by "and".
        result_id_minutes: life of a `resultId`; None: as long as its session.
        read_by_query_page: largest page of `readByQuery`; one client reports 2000.
        read_nested: `read` with `*` answers related fields as nested elements, else under dotted names.
        read_by_query_nested: the same for `readByQuery`.
        stock_quantities: ITEMWAREHOUSEINFO has quantities.
        item_totals: ITEM has the totals on hold, in transit, reserved and allocated too, whose names are UNCONFIRMED.
        stock_ledger: INVENTORYTOTALDETAIL exists.
        price_entries: INVPRICELISTENTRY and its kin exist.
        iso_country: spelling of the country code that `create` and `update` CUSTOMER heed.
        unknown_elements: what becomes of elements the object does not have, or that cannot be written.
        empty_clears: an empty element of an `update` clears the field; else it is passed over.
        item_by_id: `update` ITEM takes ITEMID alone; else it needs RECORDNO.
        repeated_control_id: answer to a completed unique control id: an error, the stored result, success without data.
        control_id_hours: how long completed control ids are remembered; None: for good.
        transaction_stops: functions after the culprit of a transaction are missing from the reply; else they read
            `aborted`.
        culprit_aborted: the culprit of a transaction reads `aborted` with its own errors and XL03000009.
        ignore_duplicates: legacy `ignoreduplicates="true"` makes a create of a duplicate succeed without effect.
        legacy_key: what legacy `create_*` answer as `key`: the natural id or the record number.
        contact_entries: entries of contact lists can be queried as CUSTOMERENTITYCONTACTS.
        blank_contacts_shown: a customer's blank primary, bill-to and ship-to contact show the display contact, which
            stands in for them; else nothing, as at the REST door.
        contact_list: element `read` and legacy lists show a customer's contact list as; empty for not at all.
    """

    gmt_offset: str = "+00:00"
    date_format: str = "/mdY"
    clock: Literal["24", "12"] = "24"
    always_utc: bool = False
    format_follows_user: bool = False
    session_hours: float = 6.0
    session_timeout_told: bool = True
    concurrency: int = 2
    throttle_retry_after: int | None = None
    metered_reads: bool = True
    metered_lookups: bool = False
    sender_authorised: bool = True
    wrong_sender: Literal["control", "gateway", "unauthorized"] = "control"
    unknown_company: Literal["login", "gateway"] = "login"
    audit_permission: bool = True
    sum_prefix: bool = False
    empty_data_on_failure: bool = False
    bad_filter_siblings: bool = True
    result_id_minutes: float | None = None
    read_by_query_page: int = 1000
    read_nested: bool = True
    read_by_query_nested: bool = False
    stock_quantities: bool = True
    item_totals: bool = True
    stock_ledger: bool = True
    price_entries: bool = True
    iso_country: Literal["both", "COUNTRYCODE", "ISOCOUNTRYCODE"] = "both"
    unknown_elements: Literal["ignore", "error"] = "ignore"
    empty_clears: bool = True
    item_by_id: bool = True
    repeated_control_id: Literal["error", "stored", "silent"] = "error"
    control_id_hours: float | None = None
    transaction_stops: bool = False
    culprit_aborted: bool = False
    ignore_duplicates: bool = True
    legacy_key: Literal["id", "recordno"] = "id"
    contact_entries: bool = True
    blank_contacts_shown: bool = False
    contact_list: Literal["CONTACT_LIST_INFO", "CUSTOMERCONTACTS", ""] = "CONTACT_LIST_INFO"


@dataclass(frozen=True)
class CompanyOptions:
    """How this company is set up; every default is the most likely behaviour of a live tenant.

    Attributes:
        auto_number_customers: customers without `id` get the next number of the document sequence.
        application_authorised: the company lists the client id under its authorized client applications.
        bad_client_reply: how a wrong client secret is told: 401 with the vendor's text, or 400 `invalid_client`.
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
        throttle_header: spelling of that header, `Retry-After` and those of the vendor's guide; empty sends none.
        throttle_as_date: the header names a moment (HTTP date) instead of seconds.
        hour_limit: requests in 60 minutes before 429 (the vendor's hard limit); None: not limited.
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
        private_in_entity_only: through the API a record private to an entity can be changed in that entity only.
        week_start: first day of a week for the date macros, 0 = Monday.
        entities: (id, name) of the entities besides the top level.
        custom_fields: object name -> field name -> kind (or `CustomField`).
        denied: object name -> operations (`read`, `create`, `update`, `delete`) the sync user may not do.
        xml: switches of the XML gateway.
    """

    auto_number_customers: bool = False
    application_authorised: bool = True
    bad_client_reply: Literal["credentials", "invalid_client"] = "credentials"
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
    throttle_header: Literal[
        "X-IA-Throttle-Limit-RetryAfter",
        "X-IA-Throttle-Limit-Retry-After",
        "X-IA-TENANT-Throttle-Limit-Retry-After",
        "Retry-After",
        "",
    ] = "X-IA-Throttle-Limit-RetryAfter"
    throttle_as_date: bool = False
    hour_limit: int | None = None
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
    private_in_entity_only: bool = False
    week_start: int = 0
    entities: tuple[tuple[str, str], ...] = (("E100", "North"), ("E200", "South"))
    custom_fields: Mapping[str, Mapping[str, str | CustomField]] = field(default_factory=dict)
    denied: Mapping[str, frozenset[str]] = field(default_factory=dict)
    xml: XmlOptions = field(default_factory=XmlOptions)
