"""The dimensions of a company: what both doors tell of them.

Source: names and order after public recordings of `getDimensions` (hotgluexyz/tap-intacct); a dimension of which this
sandbox has no object (contracts, tasks, cost types) is left out, as in a company without its subscription.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Dimension:
    """One standard dimension.

    Attributes:
        name: XML name.
        label: for people; also the term, where the company has not renamed it.
        store_name: the object behind it.
        number: its id among objects.
        in_ledger: whether it is enabled in the General Ledger.
    """

    name: str
    label: str
    store_name: str
    number: int
    in_ledger: bool = True


DIMENSIONS: tuple[Dimension, ...] = (
    Dimension("DEPARTMENT", "Department", "company-config/department", 5001),
    Dimension("LOCATION", "Location", "company-config/location", 5003),
    Dimension("PROJECT", "Project", "projects/project", 5005),
    Dimension("CUSTOMER", "Customer", "accounts-receivable/customer", 5006),
    Dimension("VENDOR", "Vendor", "accounts-payable/vendor", 5007),
    Dimension("EMPLOYEE", "Employee", "company-config/employee", 5008),
    Dimension("ITEM", "Item", "inventory-control/item", 5009),
    Dimension("CLASS", "Class", "company-config/class", 5010),
    Dimension("WAREHOUSE", "Warehouse", "inventory-control/warehouse", 5014, in_ledger=False),
)
