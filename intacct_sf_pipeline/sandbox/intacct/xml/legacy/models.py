"""What a legacy function's element holds, child by child, in order, and which XML field each child stands for.

Source: the vendor's request schema 3.0 (customer, contact) and the 2.1 DTD (items, price lists); the XML reference, 5
and 7.5. Children without a field are accepted and not kept.
"""

from dataclasses import dataclass

CONTACT_REF = "contact"
CONTACT_LIST = "contactlist"
CUSTOM = "customfields"
DATE = "date"
ADDRESS = "mailaddress"
TAX_GROUP = "itaxgroup"
WAREHOUSES = "whslineitems"
FILES = "attachments"
QUANTITY = "quantity"
"""A stored quantity by its member; only in lists."""


@dataclass(frozen=True)
class Part:
    """One child of a legacy element.

    Attributes:
        tag: its name, lower case.
        field: the XML field it stands for; empty for none. A prefix (`DISPLAYCONTACT`) for contacts and addresses.
        kind: how its content is read: "" for text, else one of the constants above.
        required: must be there.
    """

    tag: str
    field: str = ""
    kind: str = ""
    required: bool = False


def _texts(names: str, **fields: str) -> tuple[Part, ...]:
    """Text children in order; the field is the upper-case tag unless named; `-` in front: not kept."""
    parts = []
    for name in names.split():
        bare = name.removeprefix("-")
        parts.append(Part(bare, "" if name.startswith("-") else fields.get(bare, bare.upper())))
    return tuple(parts)


ADDRESS_PARTS = (
    *_texts("address1 address2 address3 city state zip country"),
    Part("isocountrycode", "COUNTRYCODE"),
    *_texts("latitude longitude"),
)
_PERSON = (
    *_texts(
        "taxgroup prefix firstname lastname initial phone1 phone2 cellphone pager fax email1 email2 url1 url2 status"
    ),
    Part("mailaddress", "MAILADDRESS", ADDRESS),
    *_texts("taxid"),
)
INLINE_CONTACT = (
    Part("contactname", "CONTACTNAME", required=True),
    Part("printas", "PRINTAS", required=True),
    *_texts("taxable companyname"),
    *_PERSON,
)
"""A `contact` inside another record."""

UPDATE_CONTACT = (Part("printas", "PRINTAS", required=True), *_texts("companyname taxable"), *_PERSON)
CREATE_CONTACT = (Part("contactname", "CONTACTNAME", required=True), *UPDATE_CONTACT, Part("externalid"))

_CUSTOMER_TEXTS = _texts(
    "parentid termname custrepid shippingmethod custtype taxid creditlimit territoryid resaleno deliveryoptions"
    " accountlabel glaccountno glgroup onhold comments status currency",
    deliveryoptions="DELIVERY_OPTIONS",
    glaccountno="ARACCOUNT",
)
_CUSTOMER_CONTACTS = (
    Part("primary", "CONTACTINFO", CONTACT_REF),
    Part("billto", "BILLTO", CONTACT_REF),
    Part("shipto", "SHIPTO", CONTACT_REF),
    Part("contactinfo", "DISPLAYCONTACT", CONTACT_REF),
    Part("contactlist", "", CONTACT_LIST),
    *_texts("vsoepricelist"),
    Part("customfields", "", CUSTOM),
    Part("visibility"),
    *_texts("supdocid"),
    Part("offsetglaccountno", "OFFSETGLACCOUNTNO"),
)
CREATE_CUSTOMER = (
    Part("customerid", "CUSTOMERID", required=True),
    Part("name", "NAME", required=True),
    *_CUSTOMER_TEXTS,
    Part("externalid"),
    *_CUSTOMER_CONTACTS,
)
UPDATE_CUSTOMER = (Part("name", "NAME"), *_CUSTOMER_TEXTS, *_CUSTOMER_CONTACTS)

_ITEM_TAIL = (
    *_texts(
        "standard_unit -purchase_unit -purchase_unit_factor -sales_unit -sales_unit_factor -default_warehouse glgroup"
        " note inventory_precision purchasing_precision sales_precision upc hasstartenddates term_period"
        " defaultnoofperiods -computepriceforshortterm",
        standard_unit="BASEUOM",
        inventory_precision="INV_PRECISION",
        purchasing_precision="PO_PRECISION",
        sales_precision="SO_PRECISION",
        term_period="TERMPERIOD",
        defaultnoofperiods="TOTALPERIODS",
    ),
    Part("itaxgroup", "TAXGROUP.NAME", TAX_GROUP),
    *_texts("-revenue_posting -vendlineitems"),
    Part("whslineitems", "", WAREHOUSES),
    *_texts(
        "-complineitems -taxcode -vsoecategory -vsoedlvrstatus -vsoerevdefstatus incomeaccount invaccount"
        " expenseaccount cogsaccount offsetoeglaccount -offsetpoglaccount -defrevaccount uomgrp dropship -buytoorder"
        " -cnbillingtemplate -cnrevenuetemplate -cnrevenue2template -cnexpensetemplate -cnexpense2template",
        incomeaccount="INCOMEACCTKEY",
        invaccount="INVACCTKEY",
        expenseaccount="EXPENSEACCTKEY",
        cogsaccount="COGSACCTKEY",
        offsetoeglaccount="OFFSETOEGLACCOUNTKEY",
    ),
    Part("customfields", "", CUSTOM),
    *_texts(
        "mrr -autoprintlabel weightuom netweight lwhuom length width height -thicknessuom -thickness -minimumthickness"
        " -maximumthickness -areauom -area -volumeuom -volume -diameteruom -innerdiameter -outerdiameter -durometer"
        " -densityuom -density -upc12 -ean13 -safetyitem -restricteditem -compliantitem -condition -engineeringalert"
        " -specification1 -specification2 -specification3 -engineeringapproval -qualitycontrolapproval -salesapproval"
        " -primarycountryoforigin brand subbrand category subcategory -catalogref color style size1 size2 -giftcard"
        " webenabled webname webshortdesc weblongdesc"
    ),
)
CREATE_ITEM = (
    Part("itemid", "ITEMID", required=True),
    Part("name", "NAME", required=True),
    *_texts("status"),
    Part("itemtype", "ITEMTYPE", required=True),
    *_texts("-enablefulfillment enable_bins extended_description productlineid substituteid ship_weight"),
    Part("datelastsold", "", DATE),
    Part("datelastrecvd", "", DATE),
    *_texts("taxable cost_method standard_cost -average_cost base_price", base_price="BASEPRICE"),
    *_ITEM_TAIL,
)
UPDATE_ITEM = (
    *_texts(
        "name status enable_bins -enablefulfillment extended_description productlineid substituteid ship_weight"
        " taxable standard_cost base_price",
        base_price="BASEPRICE",
    ),
    *_ITEM_TAIL,
)

_SUPDOC = (
    Part("supdocname", "SUPDOCNAME"),
    Part("supdocfoldername", "SUPDOCFOLDERNAME"),
    Part("supdocdescription", "SUPDOCDESCRIPTION"),
    Part("attachments", "ATTACHMENTS", FILES),
)
CREATE_SUPDOC = (Part("supdocid", "SUPDOCID"), *_SUPDOC)
UPDATE_SUPDOC = (Part("supdocid", required=True), *_SUPDOC)
_FOLDER = (
    Part("supdocfolderdescription", "SUPDOCFOLDERDESCRIPTION"),
    Part("supdocparentfoldername", "SUPDOCPARENTFOLDERNAME"),
)
CREATE_FOLDER = (Part("supdocfoldername", "SUPDOCFOLDERNAME", required=True), *_FOLDER)
UPDATE_FOLDER = (Part("supdocfoldername", required=True), *_FOLDER)
FILE = (
    Part("attachmentname", "NAME", required=True),
    Part("attachmenttype", "TYPE", required=True),
    Part("attachmentdata", "DATA", required=True),
)

_LIST_PARTS = (Part("datefrom", "DATEFROM", DATE), Part("dateto", "DATETO", DATE), Part("status", "STATUS"))
CREATE_PRICE_LIST = (Part("name", "NAME", required=True), *_LIST_PARTS)
UPDATE_PRICE_LIST = _LIST_PARTS


def price_entry(*, creating: bool) -> tuple[Part, ...]:
    """Children of `create_invpricelistentry` or `update_invpricelistentry`; an entry has an item or a product line."""
    return (
        *((Part("pricelistid", "PRICELISTID", required=True),) if creating else ()),
        *_texts("itemid productlineid"),
        Part("datefrom", "DATEFROM", DATE, required=creating),
        Part("dateto", "DATETO", DATE, required=creating),
        Part("minimum_quantity", "QTYLIMITMIN"),
        Part("maximum_quantity", "QTYLIMITMAX"),
        Part("value", "VALUE", required=creating),
        Part("valuetype", "VALUETYPE", required=creating),
        Part("fixed", "FIXED", required=creating),
        Part("status", "STATUS"),
    )
