"""CUSTOMER. Source: the XML reference, 7.1; the names of its four relations to CONTACT from the vendor's page on
object definitions (`lookup`).
"""

from intacct_sf_pipeline.sandbox.intacct.schema.types import Row, Value
from intacct_sf_pipeline.sandbox.intacct.xml.schema import further
from intacct_sf_pipeline.sandbox.intacct.xml.schema.contacts import shown_as
from intacct_sf_pipeline.sandbox.intacct.xml.schema.types import (
    AUDIT,
    FULL,
    OWNERSHIP,
    RECORDNO,
    Blueprint,
    Column,
    Relationship,
    XmlType,
    letters,
    record_url,
)

_STATUS = letters(
    ("active", "active", "T"), ("activeNonPosting", "active non-posting", "N"), ("inactive", "inactive", "F")
)
_DELIVERY = letters(("print", "Print", "P"), ("email", "E-Mail", "E"), ("both", "Print#~#E-Mail", "B"))
_RESTRICTION = letters(
    ("unrestricted", "Unrestricted", "U"), ("rootOnly", "RootOnly", "T"), ("restricted", "Restricted", "R")
)
_ADVANCE = letters(("", "", ""), ("days", "days", "D"), ("months", "months", "M"))
_PRICE_FROM = letters(
    ("customer", "Customer", "C"), ("billingContact", "BillTo", "B"), ("shippingContact", "ShipTo", "S")
)


STANDS_IN_FOR = frozenset({"contacts.primary", "contacts.billTo", "contacts.shipTo"})
"""References of a customer that the display contact stands in for where they are blank; whether reads show that is
UNCONFIRMED (switch `blank_contacts_shown`)."""


def _entity(row: Row) -> Value:
    """The key of the customer among customers, vendors and employees: C before its id."""
    return f"C{row['id']}"


_COMMERCIAL: tuple[Column, ...] = (
    Column("PARENTKEY", "parent.key", "Parent customer key", XmlType.INTEGER),
    Column("PARENTID", "parent.id", "Parent customer ID"),
    Column("PARENTNAME", "parent.name", "Parent customer name"),
    Column("TERMNAME", "term.id", "Term"),
    Column("TERMVALUE", "xml.TERMVALUE", "Term value", read_only=True),
    Column("CUSTREPID", "salesRepresentative.id", "Sales rep employee ID"),
    Column("CUSTREPNAME", "salesRepresentative.name", "Sales rep name"),
    Column("RESALENO", "customerResaleNumber", "Resale number"),
    Column("TAXID", "taxId", "Tax ID"),
    Column("CREDITLIMIT", "creditLimit", "Credit limit", XmlType.CURRENCY),
    Column("TOTALDUE", "totalDue", "Total due", XmlType.CURRENCY),
    Column("COMMENTS", "notes", "Comments"),
    Column("ACCOUNTLABEL", "accountLabel.id", "Account label"),
    Column("ARACCOUNT", "defaultRevenueGLAccount.id", "Default AR account"),
    Column("ARACCOUNTTITLE", "defaultRevenueGLAccount.name", "Default AR account title"),
    Column("LAST_INVOICEDATE", "lastInvoiceCreatedDate", "Last invoice date"),
    Column("LAST_STATEMENTDATE", "lastStatementGeneratedDate", "Last statement date"),
    Column("DELIVERY_OPTIONS", "deliveryOptions", "Delivery options", words=_DELIVERY),
    Column("TERRITORYID", "territory.id", "Territory ID"),
    Column("TERRITORYNAME", "territory.name", "Territory name"),
    Column("SHIPPINGMETHOD", "shippingMethod.id", "Shipping method"),
    Column("CUSTTYPE", "customerType.id", "Customer type"),
    Column("GLGRPKEY", "accountGroup.key", "Customer GL group key", XmlType.INTEGER),
    Column("GLGROUP", "accountGroup.id", "Customer GL group"),
    Column("PRICESCHEDULE", "priceSchedule.id", "Price schedule"),
    Column("DISCOUNT", "discountPercent", "Discount", XmlType.PERCENT),
    Column("PRICELIST", "priceList.id", "Price list"),
    Column("VSOEPRICELIST", "xml.VSOEPRICELIST", "Fair value price list"),
    Column("CURRENCY", "currency", "Default currency"),
    Column("ONETIME", "isOneTimeUse", "One-time use"),
    Column("CUSTMESSAGEID", "customerMessage.id", "Customer message ID"),
    Column("ONHOLD", "isOnHold", "On hold"),
    Column("PRCLST_OVERRIDE", "overridePriceList", "Price list override", words=_PRICE_FROM),
    Column("OEPRCLSTKEY", "priceList.key", "Price list key", XmlType.INTEGER),
    Column("OEPRICESCHEDKEY", "priceSchedule.key", "Price schedule key", XmlType.INTEGER),
    Column("OBJECTRESTRICTION", "customerRestriction", "Restriction", words=_RESTRICTION),
    Column("RESTRICTEDLOCATIONS", "xml.RESTRICTEDLOCATIONS", "Restricted locations", write_only=True),
    Column("RESTRICTEDDEPARTMENTS", "xml.RESTRICTEDDEPARTMENTS", "Restricted departments", write_only=True),
    Column("OFFSETGLACCOUNTNO", "overrideOffsetGLAccount.id", "AR offset account"),
    Column("ADVBILLBY", "advanceBillBy", "Bill in advance by", XmlType.INTEGER),
    Column("ADVBILLBYTYPE", "advanceBillByType", "Bill in advance by type", words=_ADVANCE),
    Column("SUPDOCID", "attachment.id", "Attachment ID"),
    Column("RETAINAGEPERCENTAGE", "retainagePercentage", "Retainage percentage", XmlType.PERCENT),
    Column("EMAILOPTIN", "emailOptIn", "Accepts email"),
    Column("HIDEDISPLAYCONTACT", "xml.HIDEDISPLAYCONTACT", "Hide display contact", XmlType.BOOLEAN, write_only=True),
)

CUSTOMER = Blueprint(
    name="CUSTOMER",
    label="Customer",
    store_name="accounts-receivable/customer",
    key="CUSTOMERID",
    columns=(
        RECORDNO,
        Column("CUSTOMERID", "id", "Customer ID"),
        Column("NAME", "name", "Name"),
        Column("ENTITY", "xml.ENTITY", "Entity", read_only=True, get=_entity),
        Column("STATUS", "status", "Status", words=_STATUS),
        *_COMMERCIAL,
        *further.CUSTOMER,
        Column("DISPLAYCONTACTKEY", "contacts.default.key", "Display contact key", XmlType.INTEGER, read_only=True),
        Column("CONTACTKEY", "contacts.primary.key", "Primary contact key", XmlType.INTEGER),
        Column("SHIPTOKEY", "contacts.shipTo.key", "Ship-to contact key", XmlType.INTEGER),
        Column("BILLTOKEY", "contacts.billTo.key", "Bill-to contact key", XmlType.INTEGER),
        *shown_as("DISPLAYCONTACT", "contacts.default", display=True),
        *shown_as("CONTACTINFO", "contacts.primary"),
        *shown_as("BILLTO", "contacts.billTo"),
        *shown_as("SHIPTO", "contacts.shipTo"),
        *AUDIT,
        *OWNERSHIP,
        record_url("CUSTOMER"),
    ),
    relationships=(
        Relationship("PARENT", "CUSTOMER", "parent", "PARENTID", "Parent customer"),
        Relationship("DISPLAYCONTACT", "CONTACT", "contacts.default", "DISPLAYCONTACT.CONTACTNAME", "Display contact"),
        Relationship("PRIMARYCONTACT", "CONTACT", "contacts.primary", "CONTACTINFO.CONTACTNAME", "Primary contact"),
        Relationship("BILLTOCONTACT", "CONTACT", "contacts.billTo", "BILLTO.CONTACTNAME", "Bill-to contact"),
        Relationship("SHIPTOCONTACT", "CONTACT", "contacts.shipTo", "SHIPTO.CONTACTNAME", "Ship-to contact"),
        Relationship("CUSTTYPE", "CUSTTYPE", "customerType", "CUSTTYPE", "Customer type"),
        Relationship("TERRITORY", "TERRITORY", "territory", "TERRITORYID", "Territory"),
        Relationship("ARTERM", "ARTERM", "term", "TERMNAME", "Term"),
        Relationship("MELOCATION", "LOCATIONENTITY", "entity", "MEGAENTITYID", "Created at - Entity"),
    ),
    writes=FULL,
)

CONTACT_ENTRIES = Blueprint(
    name="CUSTOMERENTITYCONTACTS",
    label="Customer contact",
    store_name="accounts-receivable/customer-contact",
    key="RECORDNO",
    columns=(
        RECORDNO,
        Column("CATEGORYNAME", "categoryName", "Category name", read_only=True),
        Column("CONTACT.NAME", "contact.id", "Contact name", read_only=True),
        Column("CUSTOMERID", "customer.id", "Customer ID", read_only=True),
        *AUDIT,
    ),
    relationships=(
        Relationship("CUSTOMER", "CUSTOMER", "customer", "CUSTOMERID", "Customer"),
        Relationship("CONTACT", "CONTACT", "contact", "CONTACT.NAME", "Contact"),
    ),
)
"""The entries of contact lists as an object of their own, read only. Its name is the one the customers page gives to an
entry and a public list of entities to the object; that `query` takes it, as REST takes its twin, is UNCONFIRMED (switch
`contact_entries`).
"""
