"""Draws the generated goods: items and products, warehouses with stock, price books and a price list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from intacct_sf_pipeline.sandbox.data.companies import Row
from intacct_sf_pipeline.sandbox.data.names import (
    PRODUCT_LINES,
    PRODUCT_NOUNS,
    PRODUCT_QUALITIES,
    PRODUCT_SIZES,
    WAREHOUSES,
)
from intacct_sf_pipeline.sandbox.data.spelling import mail_word, pick, salesforce_id

Stamps = Sequence[tuple[str, str]]
"""Pairs of (created, modified) to draw from."""

STANDARD_BOOK = salesforce_id("01s", 1)
CHANNEL_BOOK = salesforce_id("01s", 2)

_TYPES = (
    "inventory",
    "inventory",
    "inventory",
    "inventory",
    "nonInventory",
    "purchaseOnlyNonInventory",
    "salesOnlyNonInventory",
    "kit",
    "stockableKit",
)
_COSTING = {"inventory": ("average", "FIFO", "standard"), "stockableKit": ("standard",)}
_FAMILIES = ("Fluid Handling", "Workshop", "Consumables", None)


@dataclass(frozen=True, slots=True)
class Article:
    """One thing that is bought or sold; `item_id` or `product_id` is None where the system does not hold it."""

    name: str
    kind: str
    cents: int
    active: bool
    item_id: str | None
    product_id: str | None

    @property
    def stocked(self) -> bool:
        """Whether Intacct keeps stock of it."""
        return self.item_id is not None and self.kind in _COSTING


def draw_articles(rng: Random, *, per_side: int, shared: int) -> list[Article]:
    """Return the articles of a world where each side holds `per_side`, `shared` of them on both, in random order."""
    only = per_side - shared
    roles = ["both"] * shared + ["intacct"] * only + ["salesforce"] * only
    rng.shuffle(roles)
    taken: set[str] = set()
    articles = []
    for number, role in enumerate(roles, start=1):
        name, noun = _free_name(rng, taken)
        code = f"{mail_word(noun).upper()[:12].strip('-')}-{1000 + number}"
        articles.append(
            Article(
                name=name,
                kind=_TYPES[number % len(_TYPES)],
                cents=99 + int(rng.random() ** 3 * 250_000),
                active=rng.random() < 0.93,
                item_id=code if role != "salesforce" else None,
                product_id=salesforce_id("01t", number) if role != "intacct" else None,
            )
        )
    return articles


def _free_name(rng: Random, taken: set[str]) -> tuple[str, str]:
    for attempt in range(200):
        noun = pick(rng, PRODUCT_NOUNS)
        line = pick(rng, PRODUCT_LINES)
        name = f"{pick(rng, PRODUCT_QUALITIES)} {noun}{line and ' ' + line}, {pick(rng, PRODUCT_SIZES)}"
        if attempt > 4:
            name += f" ({rng.randrange(100, 10_000)})"
        if name.lower() not in taken:
            taken.add(name.lower())
            return name, noun
    raise ValueError("more items were asked for than there are names")


def item_row(article: Article, rng: Random, stamps: tuple[str, str]) -> Row:
    """Return the article as a row of `inventory-control/item` (dotted keys). Source: Intacct reference 5.1."""
    draw = rng.random()
    methods = _COSTING.get(article.kind)
    return {
        "id": article.item_id,
        "name": article.name,
        "itemType": article.kind,
        "costMethod": methods[int(draw * len(methods))] if methods else "null",
        "status": "active" if article.active else "inactive",
        "notes": _item_notes(article, draw),
        "purchasing.standardCost": _money(article.cents),
        "sales.basePrice": _money(article.cents * (130 + int(draw * 60)) // 100) if draw < 0.95 else None,
        "audit.createdDateTime": stamps[0],
        "audit.modifiedDateTime": stamps[1],
    }


def _item_notes(article: Article, draw: float) -> str | None:
    if draw < 0.35:
        return None if draw < 0.25 else ""
    if draw > 0.99:
        return ("Maintenance: grease, test, record. " * 30)[:1000].strip()
    return (
        f"{article.name}.\nShips in a box of {1 + int(draw * 12)}; keep dry & upright." if draw > 0.7 else article.name
    )


def _money(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}"


def product_row(article: Article, rng: Random, stamps: tuple[str, str]) -> Row:
    """Return the article as a row of the Salesforce object `Product2`.

    Of the shared ones half carry `IntacctID__c`; most of the rest have the item id as `ProductCode`, some share the
    name alone. Source: Salesforce reference 8.3.
    """
    draw = rng.random()
    item_id = article.item_id
    code = f"OLD-{article.product_id[-6:-3]}-{article.cents}" if article.product_id and item_id is None else item_id
    return {
        "Id": article.product_id,
        "Name": article.name.upper() if draw > 0.97 and "µ" not in article.name else article.name,
        "ProductCode": code if draw < 0.85 else None,
        "Description": f"{article.name} (catalogue)" if draw < 0.4 else None,
        "Family": _FAMILIES[int(draw * len(_FAMILIES))],
        "IsActive": article.active or draw < 0.1,
        "IntacctID__c": item_id if draw < 0.5 else None,
        "CreatedDate": stamps[0],
        "LastModifiedDate": stamps[1],
        "SystemModstamp": stamps[1],
    }


def price_rows(rng: Random, articles: list[Article], stamps: Stamps) -> tuple[list[Row], list[Row]]:
    """Return the rows of `Pricebook2` and `PricebookEntry`: the standard book and one for channel partners.

    Standard entries come first, as Salesforce demands. Every product has a standard price; every third also a channel
    price. Source: Salesforce reference 8.4.
    """
    created, modified = stamps[0]
    times = {"CreatedDate": created, "LastModifiedDate": modified, "SystemModstamp": modified}
    books: list[Row] = [
        {"Id": STANDARD_BOOK, "Name": "Standard Price Book", "IsActive": True, "IsStandard": True, **times},
        {"Id": CHANNEL_BOOK, "Name": "Channel Partners — 2026", "IsActive": True, "IsStandard": False, **times},
    ]
    products = [article for article in articles if article.product_id is not None]
    standard = [_entry(STANDARD_BOOK, article, 100, pick(rng, stamps)) for article in products]
    channel = [_entry(CHANNEL_BOOK, article, 88, pick(rng, stamps)) for article in products[::3]]
    return books, standard + channel


def _entry(book: str, article: Article, percent: int, stamp: tuple[str, str]) -> Row:
    return {
        "Pricebook2Id": book,
        "Product2Id": article.product_id,
        "UnitPrice": _money(article.cents * percent // 100),
        "IsActive": article.active,
        "CreatedDate": stamp[0],
        "LastModifiedDate": stamp[1],
        "SystemModstamp": stamp[1],
    }


def _audit(stamp: tuple[str, str]) -> Row:
    return {"audit.createdDateTime": stamp[0], "audit.modifiedDateTime": stamp[1]}


def warehouse_rows(count: int, stamps: Stamps) -> list[Row]:
    """Return `count` rows of `inventory-control/warehouse`. Source: Intacct reference 5.2."""
    named = WAREHOUSES + tuple((f"WH-{n:02d}", f"Overflow Hall {n}") for n in range(len(WAREHOUSES) + 1, count + 1))
    times = _audit(stamps[0])
    return [
        {"id": code, "name": name, "location.id": "E100", "status": "active", **times} for code, name in named[:count]
    ]


def stock_rows(rng: Random, articles: list[Article], warehouses: list[Row], stamps: Stamps) -> list[Row]:
    """Return the `inventory-control/item-warehouse-inventory` rows: about seven of ten warehouses hold a stocked item.

    Quantities are whole numbers and never negative. Source: Intacct reference 5.3.
    """
    codes = [warehouse["id"] for warehouse in warehouses]
    rows: list[Row] = []
    for article in articles:
        if not article.stocked:
            continue
        home = int(rng.random() * len(codes)) if codes else 0
        for place, code in enumerate(codes):
            draw = rng.random()
            if place != home and draw > 0.7:
                continue
            on_hand = int(draw * 180)
            rows.append(
                {
                    "item.id": article.item_id,
                    "warehouse.id": code,
                    "onHand": on_hand,
                    "onHold": int(on_hand * 0.2),
                    "onOrder": int(draw * 1000) % 40,
                    "inTransit": int(draw * 500) % 7,
                    "reserved": int(on_hand * 0.1),
                    "allocated": int(on_hand * 0.15),
                    "unCommitted": on_hand - int(on_hand * 0.1) - int(on_hand * 0.15),
                    "standardCost": _money(article.cents),
                    "averageCost": _money(article.cents),
                    **_audit(pick(rng, stamps)),
                }
            )
    return rows


def price_list_rows(articles: list[Article], stamps: Stamps) -> tuple[list[Row], list[Row]]:
    """Return the rows of `price-list` and `price-list-entry`: one sales list for up to 100 items, by year.

    Source: Intacct reference 5.5.
    """
    lists: list[Row] = [{"id": "RETAIL", "appliesTo": "orderEntry", "status": "active", **_audit(stamps[0])}]
    sold = [article for article in articles if article.item_id is not None and article.active][:100]
    entries: list[Row] = [
        {
            "priceList.id": "RETAIL",
            "item.id": article.item_id,
            "value": _money(article.cents * 3 // 2),
            "valueType": "actual",
            "startDate": "2026-01-01",
            "endDate": "2027-12-31",
            "status": "active",
            **_audit(stamps[0]),
        }
        for article in sold
    ]
    return lists, entries
