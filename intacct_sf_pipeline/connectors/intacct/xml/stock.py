"""Stock figures that an object does not hold itself: an item's totals as sums over its warehouses, and quantities per
warehouse from the ledger or the legacy call where ITEMWAREHOUSEINFO has none.

Source: the reference, stock. A total of an item without stock rows is 0 where stock is kept, else nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Final
from xml.etree.ElementTree import Element

from intacct_sf_pipeline.connectors.http import Call
from intacct_sf_pipeline.connectors.intacct.xml.client import XmlClient
from intacct_sf_pipeline.connectors.intacct.xml.document import element, text_of
from intacct_sf_pipeline.connectors.intacct.xml.item_columns import ITEM, TOTALS
from intacct_sf_pipeline.connectors.intacct.xml.model import XmlModels
from intacct_sf_pipeline.connectors.intacct.xml.rows import Texts, counts, records
from intacct_sf_pipeline.connectors.intacct.xml.stock_rungs import LEDGER, LEGACY_TOTALS, STANDARD_TOTALS, STOCK
from intacct_sf_pipeline.model.errors import PermissionDeniedError, RecordNotFoundError
from intacct_sf_pipeline.model.records import Scalar

Figured = Mapping[tuple[str, ...], Mapping[str, Decimal]]
"""Item, or item and warehouse -> column -> sum."""

_KEEPS_STOCK: Final = frozenset({"inventory", "stockableKit"})
_CHUNK: Final = 1000
_PAGE: Final = 2000


@dataclass(frozen=True)
class Sums:
    """Figures found, and whether all that the service announced came."""

    found: Figured
    whole: bool = True


class Figures:
    """Adds figures from other rows to rows of items and of stock."""

    def __init__(self, client: XmlClient, models: XmlModels) -> None:
        self._client, self._models = client, models

    def needs(self, object_name: str, derived: Sequence[str]) -> tuple[str, ...]:
        """Columns that have to be read so that `derived` ones can be worked out."""
        if not derived:
            return ()
        return ("id", "itemType") if object_name == ITEM.name else ("item.id", "warehouse.id", "warehouse.key")

    def add(
        self, object_name: str, derived: Sequence[str], rows: Sequence[Mapping[str, Scalar]]
    ) -> list[dict[str, Scalar]]:
        """The rows with the columns `derived`; those whose figures did not come whole are left out, and so missed."""
        if not rows:
            return []
        if object_name == ITEM.name:
            sums = self._by_item([str(row["id"]) for row in rows], [TOTALS[name] for name in derived])
            known = [row for row in rows if sums.whole or (str(row["id"]),) in sums.found]
            return [{**row, **{name: _total(row, sums.found, TOTALS[name]) for name in derived}} for row in known]
        sums = self._by_warehouse({str(row["item.id"]) for row in rows})
        whole = rows if sums.whole else ()
        return [{**row, **{name: _quantity(row, sums.found, name) for name in derived}} for row in whole]

    def _by_item(self, ids: Sequence[str], wanted: Sequence[str]) -> Sums:
        """Sums per item of quantities of ITEMWAREHOUSEINFO, as one aggregate per 1,000 items."""
        columns = {name: self._models.column(STOCK.name, name) for name in wanted}
        names = {name: column.xml[0] for name, column in columns.items() if column is not None}
        if len(names) < len(wanted):
            per_warehouse = self._by_warehouse(set(ids))
            found = _summed((key[:1], figures) for key, figures in per_warehouse.found.items())
            return Sums(found if per_warehouse.whole else {}, per_warehouse.whole)
        groups, whole = self._aggregated(STOCK.xml, ("ITEMID",), list(names.values()), ids)
        return Sums(
            {(texts.get("ITEMID", ""),): {name: _sum(texts, xml) for name, xml in names.items()} for texts in groups},
            whole,
        )

    def _by_warehouse(self, ids: Iterable[str]) -> Sums:
        """Quantities per item and warehouse from the ledger, else from the legacy call (by id of the warehouse)."""
        try:
            groups, whole = self._aggregated(LEDGER, ("ITEMID", "WAREHOUSEKEY", "TOTALNAME"), ["QUANTITY"], sorted(ids))
        except (RecordNotFoundError, PermissionDeniedError):
            return self._legacy_totals()
        found = _summed(
            (
                (texts.get("ITEMID", ""), texts.get("WAREHOUSEKEY", "")),
                {STANDARD_TOTALS[texts["TOTALNAME"]]: _sum(texts, "QUANTITY")},
            )
            for texts in groups
            if texts.get("TOTALNAME") in STANDARD_TOTALS
        )
        return Sums(found, whole)

    def _aggregated(
        self, object_name: str, groups: Sequence[str], sums: Sequence[str], ids: Sequence[str]
    ) -> tuple[list[Texts], bool]:
        """All groups, and whether as many came as were announced; asked once more when some lack."""
        call, wanted = Call("intacct", f"query {object_name}"), sorted(set(ids))
        found: list[Texts] = []
        whole = True
        for start in range(0, len(wanted), _CHUNK):
            chunk = wanted[start : start + _CHUNK]
            for _ in range(2):
                page, announced = self._pages(call, object_name, groups, sums, chunk)
                if len(page) >= announced:
                    break
            found += page
            whole = whole and len(page) >= announced
        return found, whole

    def _pages(
        self, call: Call, object_name: str, groups: Sequence[str], sums: Sequence[str], ids: Sequence[str]
    ) -> tuple[list[Texts], int]:
        found: list[Texts] = []
        announced, offset, more = 0, 0, True
        while more:
            data = self._client.ask(call, _aggregate(object_name, groups, sums, ids, offset)).data
            found += records(data)
            told = counts(data)
            announced, offset = max(announced, told.total or 0), offset + _PAGE
            more = (told.remaining or 0) > 0
        return found, announced

    def _legacy_totals(self) -> Sums:
        call = Call("intacct", "get_icitemtotals")
        data = self._client.ask(call, element("get_icitemtotals")).data
        found = _summed(
            (
                (text_of(total, "itemid"), text_of(total, "warehouseid")),
                {name: _decimal(text_of(total, xml)) for xml, name in LEGACY_TOTALS.items()},
            )
            for total in ([] if data is None else data.iter("itemtotal"))
        )
        return Sums(found)


def _aggregate(
    object_name: str, groups: Sequence[str], sums: Sequence[str], ids: Sequence[str], offset: int
) -> Element:
    """A query that groups by the plain fields. Source: queries, aggregates."""
    return element(
        "query",
        None,
        element("object", object_name),
        element("select", None, *(element("field", name) for name in groups), *(element("sum", name) for name in sums)),
        element(
            "filter", None, element("in", None, element("field", "ITEMID"), *(element("value", one) for one in ids))
        ),
        element(
            "orderby", None, *(element("order", None, element("field", name), element("ascending")) for name in groups)
        ),
        element("options", None, element("showprivate", "true")),
        element("pagesize", str(_PAGE)),
        element("offset", str(offset)),
    )


def _sum(texts: Texts, xml: str) -> Decimal:
    """A sum under either of the names it may have. Source: the reference, 4.1."""
    return _decimal(texts.get(xml) or texts.get(f"SUM.{xml}"))


def _summed(found: Iterable[tuple[tuple[str, ...], Mapping[str, Decimal]]]) -> Figured:
    sums: dict[tuple[str, ...], dict[str, Decimal]] = {}
    for place, figures in found:
        known = sums.setdefault(place, {})
        for name, quantity in figures.items():
            known[name] = known.get(name, Decimal(0)) + quantity
    return sums


def _total(row: Mapping[str, Scalar], sums: Figured, name: str) -> str | None:
    figures = sums.get((str(row["id"]),))
    if figures is None:
        return "0" if row.get("itemType") in _KEEPS_STOCK else None
    return str(_plain(figures.get(name, Decimal(0))))


def _quantity(row: Mapping[str, Scalar], sums: Figured, name: str) -> Scalar:
    item = str(row["item.id"])
    figures = sums.get((item, str(row["warehouse.key"]))) or sums.get((item, str(row["warehouse.id"]))) or {}
    return _plain(figures.get(name, Decimal(0)))


def _plain(number: Decimal) -> int | Decimal:
    return int(number) if number == number.to_integral_value() else number


def _decimal(text: str | None) -> Decimal:
    try:
        return Decimal((text or "0").strip() or "0")
    except InvalidOperation:
        return Decimal(0)
