"""CUSTOMER. Source: customers page; words of enumerations as `create` takes them and results show them."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from intacct_sf_pipeline.connectors.intacct.xml.columns import (
    AUDIT,
    KEY,
    OWNER,
    Column,
    Kind,
    XmlObject,
    choice,
    of,
    shown,
    text,
)
from intacct_sf_pipeline.connectors.intacct.xml.contact_columns import as_shown

_STATUS = {"active": "active", "activeNonPosting": "active non-posting", "inactive": "inactive"}
_DELIVERY = {"print": "Print", "email": "E-Mail", "both": "Print#~#E-Mail"}
_RESTRICTION = {"unrestricted": "Unrestricted", "rootOnly": "RootOnly", "restricted": "Restricted"}
_PRICE_FROM = {"customer": "Customer", "billingContact": "BillTo", "shippingContact": "ShipTo"}

_COMMERCIAL = (
    shown("parent.key", "PARENTKEY"),
    text("parent.id", "PARENTID"),
    shown("parent.name", "PARENTNAME"),
    text("term.id", "TERMNAME"),
    text("customerType.id", "CUSTTYPE"),
    text("territory.id", "TERRITORYID"),
    shown("territory.name", "TERRITORYNAME"),
    text("salesRepresentative.id", "CUSTREPID"),
    shown("salesRepresentative.name", "CUSTREPNAME"),
    text("shippingMethod.id", "SHIPPINGMETHOD"),
    shown("accountGroup.key", "GLGRPKEY"),
    text("accountGroup.id", "GLGROUP"),
    text("accountLabel.id", "ACCOUNTLABEL"),
    text("defaultRevenueGLAccount.id", "ARACCOUNT"),
    shown("defaultRevenueGLAccount.name", "ARACCOUNTTITLE"),
    text("overrideOffsetGLAccount.id", "OFFSETGLACCOUNTNO"),
    text("priceList.id", "PRICELIST"),
    shown("priceList.key", "OEPRCLSTKEY"),
    text("priceSchedule.id", "PRICESCHEDULE"),
    shown("priceSchedule.key", "OEPRICESCHEDKEY"),
    text("attachment.id", "SUPDOCID"),
    text("customerMessage.id", "CUSTMESSAGEID"),
    text("taxId", "TAXID"),
    text("customerResaleNumber", "RESALENO"),
    *of(Kind.NUMBER, ("creditLimit", "CREDITLIMIT"), ("retainagePercentage", "RETAINAGEPERCENTAGE")),
    *of(Kind.DECIMAL, ("discountPercent", "DISCOUNT")),
    Column("totalDue", ("TOTALDUE",), Kind.DECIMAL, write=""),
    text("currency", "CURRENCY"),
    *of(Kind.BOOLEAN, ("isOnHold", "ONHOLD"), ("isOneTimeUse", "ONETIME"), ("emailOptIn", "EMAILOPTIN")),
    choice("deliveryOptions", "DELIVERY_OPTIONS", _DELIVERY),
    choice("overridePriceList", "PRCLST_OVERRIDE", _PRICE_FROM),
    choice("customerRestriction", "OBJECTRESTRICTION", _RESTRICTION),
    text("advanceBillBy", "ADVBILLBY"),
    choice("advanceBillByType", "ADVBILLBYTYPE", {"days": "days", "months": "months"}, empty=""),
    Column("lastInvoiceCreatedDate", ("LAST_INVOICEDATE",), Kind.DATE, write=""),
    Column("lastStatementGeneratedDate", ("LAST_STATEMENTDATE",), Kind.DATE, write=""),
    text("notes", "COMMENTS"),
)


def _written_country(column: Column) -> Column:
    """The country code's name differs between reading and writing a customer. Source: customers page."""
    if column.name != "contacts.default.mailingAddress.isoCountryCode":
        return column
    return replace(column, write="DISPLAYCONTACT.MAILADDRESS.ISOCOUNTRYCODE")


CUSTOMER: Final = XmlObject(
    name="accounts-receivable/customer",
    xml="CUSTOMER",
    id="CUSTOMERID",
    columns=(
        KEY,
        text("id", "CUSTOMERID"),
        text("name", "NAME"),
        choice("status", "STATUS", _STATUS),
        *_COMMERCIAL,
        *map(_written_country, as_shown("contacts.default", "DISPLAYCONTACT", "DISPLAYCONTACTKEY", inline=True)),
        *as_shown("contacts.primary", "CONTACTINFO", "CONTACTKEY", inline=False),
        *as_shown("contacts.billTo", "BILLTO", "BILLTOKEY", inline=False),
        *as_shown("contacts.shipTo", "SHIPTO", "SHIPTOKEY", inline=False),
        *AUDIT,
        *OWNER,
    ),
    creates=True,
    required=frozenset({"name"}),
    audit_type="customer",
)
