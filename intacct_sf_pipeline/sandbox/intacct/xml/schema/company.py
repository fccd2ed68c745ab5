"""Entities, locations, users, the audit trail and the small set-up lists. Source: the XML reference, 4.6, 7.3, 9."""

from collections.abc import Iterator

from intacct_sf_pipeline.sandbox.intacct.schema.company import AUDIT_HISTORY as TRAIL
from intacct_sf_pipeline.sandbox.intacct.schema.company import ENTITY_OBJECT, USER
from intacct_sf_pipeline.sandbox.intacct.schema.types import Row
from intacct_sf_pipeline.sandbox.intacct.state.store import Store
from intacct_sf_pipeline.sandbox.intacct.xml.schema import further
from intacct_sf_pipeline.sandbox.intacct.xml.schema.types import (
    AUDIT,
    OWNERSHIP,
    RECORDNO,
    Blueprint,
    Column,
    XmlType,
    letters,
    record_url,
    status,
)

_MODES = letters(
    ("access", "Access", "A"),
    ("modify", "Modify", "M"),
    ("create", "Create", "C"),
    ("delete", "Delete", "D"),
    ("workflow", "Workflow", "W"),
    ("activity", "Activity", "T"),
    ("userAction", "User action", "U"),
)
_SOURCES = letters(
    ("api", "api", "api"),
    ("userInterface", "ui", "ui"),
    ("csvImport", "csv", "csv"),
    ("system", "system", "system"),
)
OBJECT_TYPES = {
    "accounts-receivable/customer": "customer",
    "accounts-receivable/customer-contact": "customerentitycontacts",
    "company-config/contact": "contact",
    "inventory-control/item": "item",
    "inventory-control/item-warehouse-inventory": "itemwarehouseinfo",
    "inventory-control/warehouse": "warehouse",
    "inventory-control/price-list": "invpricelist",
    "inventory-control/price-list-entry": "invpricelistentry",
}
"""The store's object -> OBJECTTYPE, the lower-case XML name."""


def trail(store: Store) -> Iterator[Row]:
    """The audit trail as XML shows it: one row per action on a record, however many members a change touched."""
    seen: tuple[object, ...] | None = None
    for number, row in enumerate(store[TRAIL].rows.values(), start=1):
        name = str(row.get("changeDetails.objectName"))
        action = (
            name,
            row.get("changeDetails.objectId"),
            row.get("changeSource.actionPerformed"),
            row.get("changeSource.accessDateTime"),
            row.get("changeSource.completedBy"),
        )
        if action == seen and action[2] == "modify":
            continue
        seen = action
        yield row | {"number": f"123:{number}", "type": OBJECT_TYPES.get(name, name.rsplit("/", 1)[-1])}


AUDIT_HISTORY = Blueprint(
    name="AUDITHISTORY",
    label="Audit history",
    store_name="",
    key="ID",
    columns=(
        Column("ID", "number", "ID", read_only=True),
        Column("USERID", "changeSource.completedBy", "User ID", read_only=True),
        Column("ACCESSTIME", "changeSource.accessDateTime", "Access time", XmlType.TIMESTAMP, read_only=True),
        Column("ACCESSMODE", "changeSource.actionPerformed", "Access mode", XmlType.ENUM, _MODES, read_only=True),
        Column("SOURCE", "changeSource.source", "Source", XmlType.ENUM, _SOURCES, read_only=True),
        Column("OBJECTTYPE", "type", "Object type", read_only=True),
        Column("OBJECTKEY", "changeDetails.objectId", "Object key", read_only=True),
        Column("IPADDRESS", "changeSource.clientIPAddress", "IP address", read_only=True),
        Column("WORKFLOWACTION", "changeSource.workflowAction", "Workflow action", read_only=True),
    ),
    source=trail,
)
LOCATION_ENTITY = Blueprint(
    name="LOCATIONENTITY",
    label="Entity",
    store_name=ENTITY_OBJECT,
    key="LOCATIONID",
    columns=(
        RECORDNO,
        Column("LOCATIONID", "id", "Entity ID"),
        Column("NAME", "name", "Name"),
        Column("CURRENCY", "xml.CURRENCY", "Base currency", read_only=True),
        *further.LOCATION_ENTITY,
        status(),
        *AUDIT,
        record_url("LOCATIONENTITY"),
    ),
)
LOCATION = Blueprint(
    name="LOCATION",
    label="Location",
    store_name="company-config/location",
    key="LOCATIONID",
    columns=(
        RECORDNO,
        Column("LOCATIONID", "id", "Location ID"),
        Column("NAME", "name", "Name"),
        Column("PARENTID", "xml.PARENTID", "Parent ID", read_only=True),
        Column("CURRENCY", "xml.CURRENCY", "Base currency", read_only=True),
        status(),
        *AUDIT,
        record_url("LOCATION"),
    ),
)
USER_INFO = Blueprint(
    name="USERINFO",
    label="User",
    store_name=USER,
    key="LOGINID",
    columns=(
        RECORDNO,
        Column("LOGINID", "id", "User ID"),
        Column("DESCRIPTION", "userName", "User name"),
        Column(
            "USERTYPE",
            "userType",
            "User type",
            words=letters(("business", "business user", "B"), ("webServices", "web services user", "W")),
        ),
        status(),
        *AUDIT,
    ),
)


def _list(name: str, label: str, store_name: str, key: str, title: str | None = None) -> Blueprint:
    named = () if title is None else (Column(title, "name", title.capitalize()),)
    return Blueprint(
        name=name,
        label=label,
        store_name=store_name,
        key=key,
        columns=(
            RECORDNO,
            Column(key, "id", f"{label} ID"),
            *named,
            *further.empty_texts(further.SETUP.get(name, "")),
            status(),
            *AUDIT,
            *OWNERSHIP,
        ),
    )


SETUP_LISTS = (
    _list("ARACCOUNTLABEL", "AR account label", "accounts-receivable/account-label", "ACCOUNTLABEL", "DESCRIPTION"),
    _list("ARTERM", "AR term", "accounts-receivable/term", "NAME", "DESCRIPTION"),
    _list("CLASS", "Class", "company-config/class", "CLASSID", "NAME"),
    _list("CONTACTTAXGROUP", "Contact tax group", "tax/contact-tax-group", "NAME"),
    _list("CUSTTYPE", "Customer type", "accounts-receivable/customer-type", "NAME"),
    _list("DEPARTMENT", "Department", "company-config/department", "DEPARTMENTID", "TITLE"),
    _list("EMPLOYEE", "Employee", "company-config/employee", "EMPLOYEEID", "TITLE"),
    _list("GLACCOUNT", "Account", "general-ledger/account", "ACCOUNTNO", "TITLE"),
    _list("ITEMGLGROUP", "Item GL group", "inventory-control/item-gl-group", "NAME"),
    _list("ITEMTAXGROUP", "Item tax group", "tax/item-tax-group", "NAME"),
    _list("PRODUCTLINE", "Product line", "inventory-control/product-line", "PRODUCTLINEID", "DESCRIPTION"),
    _list("PROJECT", "Project", "projects/project", "PROJECTID", "NAME"),
    _list("SHIPMETHOD", "Shipping method", "accounts-receivable/shipping-method", "NAME"),
    _list("TERRITORY", "Territory", "accounts-receivable/territory", "TERRITORYID", "NAME"),
    _list("UOM", "Unit of measure group", "inventory-control/unit-of-measure-group", "NAME"),
    _list("VENDOR", "Vendor", "accounts-payable/vendor", "VENDORID", "NAME"),
)
