"""How `get_list` shows our objects: lower-case elements in a fixed order, and the XML field behind each.

Source: the vendor's 2.1 response DTD (that 3.0 answers the same is UNCONFIRMED); the XML reference, 4.5.
"""

from dataclasses import dataclass

from intacct_sf_pipeline.sandbox.intacct.xml.legacy import models
from intacct_sf_pipeline.sandbox.intacct.xml.legacy.models import Part


@dataclass(frozen=True)
class Shape:
    """One object of `get_list`.

    Attributes:
        name: as in `object="..."`; the element of a record too.
        object_name: the XML object.
        parts: elements of a record; those without a field are always empty.
    """

    name: str
    object_name: str
    parts: tuple[Part, ...]


def _parts(names: str, **fields: str) -> tuple[Part, ...]:
    """Text elements in order; the field is the upper-case tag unless named; `-` in front: always empty."""
    return tuple(
        Part(name.removeprefix("-"), "" if name.startswith("-") else fields.get(name, name.upper()))
        for name in names.split()
    )


_CONTACT = (
    *_parts(
        "contactname printas companyname taxable taxgroup prefix firstname lastname initial phone1 phone2 cellphone"
        " pager fax email1 email2 url1 url2 status"
    ),
    Part("mailaddress", "MAILADDRESS", models.ADDRESS),
    *_parts("taxid"),
)
_CUSTOMER = (
    *_parts(
        "customerid name parentid termname custrepid shippingmethod custtype taxid creditlimit totaldue territoryid"
        " resaleno deliveryoptions accountlabel glaccountno glgroup comments whenmodified status currency",
        deliveryoptions="DELIVERY_OPTIONS",
        glaccountno="ARACCOUNT",
    ),
    Part("primary", "CONTACTINFO", models.CONTACT_REF),
    Part("billto", "BILLTO", models.CONTACT_REF),
    Part("shipto", "SHIPTO", models.CONTACT_REF),
    Part("contactinfo", "DISPLAYCONTACT", models.CONTACT_REF),
    *_parts("vsoepricelist"),
    Part("contactlist", "", models.CONTACT_LIST),
    *_parts("pricelist"),
    Part("customfields", "", models.CUSTOM),
    *_parts("supdocid"),
)
_ITEM = (
    *_parts(
        "itemid itemname extdescription productlineid glgroupname substituteid shipweight standardunit -purchasingunit"
        " -purchasingunitfactor -salesunit -salesunitfactor costmethod standardcost -averagecost",
        itemname="NAME",
        extdescription="EXTENDED_DESCRIPTION",
        glgroupname="GLGROUP",
        shipweight="SHIP_WEIGHT",
        standardunit="BASEUOM",
        costmethod="COST_METHOD",
        standardcost="STANDARD_COST",
    ),
    Part("whenlastsold", "WHENLASTSOLD", models.DATE),
    Part("whenlastreceived", "WHENLASTRECEIVED", models.DATE),
    *_parts(
        "taxable taxgroup -defaultwhse note itemtype whenmodified status upc hasstartenddates termperiod totalperiods"
        " -computeforshortterm",
        taxgroup="TAXGROUP.NAME",
    ),
    Part("customfields", "", models.CUSTOM),
)
_LIST = (
    Part("pricelistname", "NAME"),
    Part("datefrom", "DATEFROM", models.DATE),
    Part("dateto", "DATETO", models.DATE),
    Part("status", "STATUS"),
)
_ENTRY = (
    *_parts("recordno pricelistid itemid productlineid -item_line"),
    Part("datefrom", "DATEFROM", models.DATE),
    Part("dateto", "DATETO", models.DATE),
    *_parts("qtylimitmin qtylimitmax value valuetype fixed -sale status currency"),
)
_TOTAL = (
    *_parts("itemid warehouseid -aislekey -rowkey -binkey"),
    Part("onhand", "onHand", models.QUANTITY),
    Part("onorder", "onOrder", models.QUANTITY),
    Part("onhold", "onHold", models.QUANTITY),
)
_STAMPS = {
    "creationdate": "WHENCREATED",
    "createdby": "CREATEDBY",
    "lastmodified": "WHENMODIFIED",
    "lastmodifiedby": "MODIFIEDBY",
}
_SUPDOC = (
    *_parts(
        "recordno supdocid supdocname folder description", folder="SUPDOCFOLDERNAME", description="SUPDOCDESCRIPTION"
    ),
    *_parts("creationdate createdby lastmodified lastmodifiedby", **_STAMPS),
    Part("attachments", "ATTACHMENTS", models.FILES),
)
_FOLDER = (
    *_parts(
        "recordno name description parentfolder",
        name="SUPDOCFOLDERNAME",
        description="SUPDOCFOLDERDESCRIPTION",
        parentfolder="SUPDOCPARENTFOLDERNAME",
    ),
    *_parts("creationdate createdby lastmodified lastmodifiedby", **_STAMPS),
)
SHAPES = {
    shape.name: shape
    for shape in (
        Shape("contact", "CONTACT", _CONTACT),
        Shape("customer", "CUSTOMER", _CUSTOMER),
        Shape("icitem", "ITEM", _ITEM),
        Shape("pricelistitem", "INVPRICELISTENTRY", _ENTRY),
        Shape("sopricelist", "SOPRICELIST", _LIST),
        Shape("popricelist", "POPRICELIST", _LIST),
        Shape(
            "productline",
            "PRODUCTLINE",
            _parts("productlineid -parentid productlinedesc status", productlinedesc="DESCRIPTION"),
        ),
        Shape(
            "warehouse",
            "WAREHOUSE",
            _parts(
                "warehouseid name parentid managerid contactname shipto usedingl status",
                contactname="CONTACTINFO.CONTACTNAME",
                shipto="SHIPTO.CONTACTNAME",
            ),
        ),
        Shape("uom", "UOM", _parts("unit -numdecimals", unit="NAME")),
        Shape("location", "LOCATION", _parts("locationid name parentid whenmodified status")),
        Shape("locationentity", "LOCATIONENTITY", _parts("locationid name -locationtype currency status")),
        Shape("territory", "TERRITORY", _parts("territoryid name status")),
        Shape("arterm", "ARTERM", _parts("name description status")),
        Shape("supdoc", "SUPDOC", _SUPDOC),
        Shape("supdocfolder", "SUPDOCFOLDER", _FOLDER),
        Shape("itemtotal", "ITEMWAREHOUSEINFO", _TOTAL),
        Shape("icitemtotals", "ITEMWAREHOUSEINFO", _TOTAL),
    )
}
"""`object` of `get_list` -> how it is shown."""
