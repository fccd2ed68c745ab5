"""`accounts-receivable/customer` and its contact list. Source: the reference, 5.6 and 5.7."""

from intacct_sf_pipeline.sandbox.intacct.options import CompanyOptions
from intacct_sf_pipeline.sandbox.intacct.schema.types import (
    AUDIT,
    ENTITY,
    HREF,
    KEY,
    READ,
    Field,
    Kind,
    ObjectSpec,
    OwnedList,
    Ref,
    amount,
    choice,
    day,
    flag,
    identifier,
    number,
    text,
)

CUSTOMER = "accounts-receivable/customer"
CUSTOMER_CONTACT = "accounts-receivable/customer-contact"
CONTACT = "company-config/contact"
NAMED = ("key", "id", "name", "href")


def _commercial() -> tuple[Field | Ref, ...]:
    """Terms, prices and tax: set-up references and plain members."""
    return (
        Ref("customerType", "accounts-receivable/customer-type"),
        Ref("term", "accounts-receivable/term"),
        Ref("territory", "accounts-receivable/territory", shows=NAMED),
        Ref("salesRepresentative", "company-config/employee", shows=NAMED),
        Ref("shippingMethod", "accounts-receivable/shipping-method"),
        Ref("accountGroup", "accounts-receivable/customer-account-group"),
        Ref("accountLabel", "accounts-receivable/account-label"),
        Ref("defaultRevenueGLAccount", "general-ledger/account", shows=NAMED),
        Ref("overrideOffsetGLAccount", "general-ledger/account", shows=NAMED),
        Ref("priceList", "order-entry/price-list"),
        Ref("priceSchedule", "order-entry/price-schedule"),
        Ref("attachment", "company-config/attachment"),
        Ref("vendor", "accounts-payable/vendor", shows=NAMED),
        Ref("customerMessage", "accounts-receivable/customer-message"),
        text("taxId"),
        text("customerResaleNumber"),
        number("creditLimit"),
        amount("totalDue", 2, read_only=True, mutable=False),
        Field("discountPercent", Kind.DECIMAL),
        number("retainagePercentage"),
        text("currency", 3),
        flag("isOnHold"),
        flag("isOneTimeUse"),
        flag("emailOptIn"),
        flag("disableRefund"),
        flag("enableOnlineACHPayment", deprecated=True),
        flag("enableOnlineCardPayment", deprecated=True),
        choice("deliveryOptions", "print", "email", "both", default="print"),
        choice("overridePriceList", "customer", "billingContact", "shippingContact", default="customer"),
        text("advanceBillBy"),
        choice("advanceBillByType", "", "days", "months", default=""),
        choice("customerRestriction", "unrestricted", "rootOnly", "restricted", default="unrestricted"),
    )


def customer(options: CompanyOptions) -> ObjectSpec:
    """A customer; its default contact is shown and written inline."""
    members: tuple[Field | Ref, ...] = (
        KEY,
        identifier(options.customer_id_max, required=False),
        HREF,
        Field("name", max_length=options.name_max, required=True, nullable=False),
        choice("status", "active", "activeNonPosting", "inactive", default="active"),
        Ref("parent", CUSTOMER, shows=NAMED, indexed=True),
        *_commercial(),
        Field("customerAccountHealth.healthScore", Kind.INTEGER),
        choice("customerAccountHealth.healthStatus", "healthy", "atRisk", "escalated", nullable=True),
        flag("customerAccountHealth.churnRisk"),
        day("lastInvoiceCreatedDate", read_only=True, mutable=False),
        day("lastStatementGeneratedDate", read_only=True, mutable=False),
        day("activationDate", read_only=True, mutable=False, deprecated=True),
        day("subscriptionEndDate", read_only=True, mutable=False),
        text("notes", options.customer_notes_max),
        text("webURL"),
        Ref("contacts.default", CONTACT, inline=True, indexed=True),
        Ref("contacts.primary", CONTACT, indexed=True),
        Ref("contacts.billTo", CONTACT, indexed=True),
        Ref("contacts.shipTo", CONTACT, indexed=True),
        ENTITY,
        *AUDIT,
    )
    lists = (OwnedList("contactList", CUSTOMER_CONTACT, via="customer", writable=True),)
    return ObjectSpec(CUSTOMER, members, lists)


def customer_contact(_options: CompanyOptions) -> ObjectSpec:
    """An entry of a customer's contact list: read and queried alone, written through the customer only."""
    members: tuple[Field | Ref, ...] = (
        KEY,
        Field("id", read_only=True, mutable=False),
        HREF,
        text("categoryName"),
        Ref("contact", CONTACT, required=True, indexed=True),
        Ref("customer", CUSTOMER, required=True, indexed=True, is_owner=True, read_only=True),
        *AUDIT,
    )
    return ObjectSpec(CUSTOMER_CONTACT, members, methods=READ, kind="ownedObject", id_is_key=True)
