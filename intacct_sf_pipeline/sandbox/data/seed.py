"""Puts a generated world into an empty org and company, parents before children."""

from __future__ import annotations

from intacct_sf_pipeline.sandbox.data.private import make_private
from intacct_sf_pipeline.sandbox.data.world import World
from intacct_sf_pipeline.sandbox.intacct.company import IntacctCompany
from intacct_sf_pipeline.sandbox.salesforce.org import SalesforceOrg

SALESFORCE_ORDER = (
    "User",
    "Account",
    "Contact",
    "Product2",
    "Pricebook2",
    "PricebookEntry",
    "WarehouseStock__c",
    "Note",
    "ContentNote",
    "ContentDocumentLink",
)
"""Objects that rows can be loaded into, parents first."""

INTACCT_ORDER = (
    "company-config/entity",
    "company-config/user",
    "company-config/location",
    "company-config/employee",
    "company-config/contact",
    "accounts-receivable/customer",
    "accounts-receivable/customer-contact",
    "inventory-control/item",
    "inventory-control/warehouse",
    "inventory-control/item-warehouse-inventory",
    "inventory-control/item-warehouse-standard-cost",
    "inventory-control/price-list",
    "inventory-control/price-list-entry",
)
"""Objects with references among each other, parents first; all others refer to nothing and may come before."""


def load_world(world: World, org: SalesforceOrg, company: IntacctCompany, *, private: float = 0.0) -> None:
    """Load every row of `world`. The world's standard price book takes the place of the org's own; custom fields that
    the org does not have are left out. `private` is the share of customers that belong to an entity.
    """
    for name in INTACCT_ORDER:
        rows = world.intacct.get(name.rpartition("/")[2])
        if rows:
            company.load(name, rows)
    make_private(company, private)
    for name in SALESFORCE_ORDER:
        rows = world.salesforce.get(name)
        sobject = org.schema.find(name)
        if rows and sobject is not None:
            org.load(
                name, [{c: v for c, v in row.items() if not c.endswith("__c") or sobject.field(c)} for row in rows]
            )
