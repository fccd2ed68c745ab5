"""Which ways there are to stock figures, the best first. Source: the reference, stock ("robust plan").

The rows are always those of ITEMWAREHOUSEINFO (they carry the record numbers); its own quantities are taken if `lookup`
lists them, else the ledger's sums by item, warehouse and standard total, else the legacy `get_icitemtotals`.
"""

from __future__ import annotations

from typing import Final

from intacct_sf_pipeline.connectors.intacct.xml.item_columns import STOCK

LEDGER: Final = "INVENTORYTOTALDETAIL"
STANDARD_TOTALS: Final = {"ONHAND": "onHand", "ONORDER": "onOrder", "ONHOLD": "onHold"}
"""Names of totals that are certain in every company -> column. Source: the reference, stock."""

LEGACY_TOTALS: Final = {"onhand": "onHand", "onorder": "onOrder", "onhold": "onHold"}
"""Elements of `get_icitemtotals` -> column."""


def from_ledger(name: str) -> bool:
    """Whether a column of STOCK can be had although the object has no quantities."""
    return name in STANDARD_TOTALS.values()


__all__ = ["LEDGER", "LEGACY_TOTALS", "STANDARD_TOTALS", "STOCK", "from_ledger"]
