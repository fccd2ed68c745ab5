"""The generated company as a whole: options in, row lists for both systems and the true pairs out.

The same options give the same world, in any process; each kind of record draws from its own random sequence, so asking
for more contacts leaves the accounts as they were.
"""

from __future__ import annotations

import base64
import html
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

from intacct_sf_pipeline.sandbox.data import catalogue, companies, people, variations
from intacct_sf_pipeline.sandbox.data.companies import Company, Row
from intacct_sf_pipeline.sandbox.data.labels import Loner, TruePair, loners_of, pairs_of
from intacct_sf_pipeline.sandbox.data.names import NOTE_TOPICS
from intacct_sf_pipeline.sandbox.data.spelling import pick, salesforce_id

LATEST = datetime(2026, 6, 30, 18, 0, tzinfo=UTC)
"""The default moment of the last edit in a generated world."""

_STAMP_POOL = 512


@dataclass(frozen=True, slots=True)
class WorldOptions:
    """How much to generate. Counts are per system; `overlap` is the share (0 to 1) of them that both systems hold.

    `hard` is the share (0 to 1) of records that are hard to match: spelt further apart than formatting, or easily taken
    for somebody else (`variations`).
    """

    accounts: int = 200
    contacts: int = 400
    items: int = 120
    warehouses: int = 4
    overlap: float = 0.6
    seed: int = 7
    latest: datetime = LATEST
    hard: float = 0.0

    def __post_init__(self) -> None:
        """Refuse impossible values.

        Raises:
            ValueError: a count is negative, `overlap` or `hard` lies outside 0 to 1, or `latest` has no time zone.
        """
        for name in ("accounts", "contacts", "items", "warehouses"):
            if getattr(self, name) < 0:
                raise ValueError(f"{name} must not be negative, but is {getattr(self, name)}")
        for name in ("overlap", "hard"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} must lie between 0 and 1, but is {getattr(self, name)}")
        if self.latest.tzinfo is None:
            raise ValueError("latest must be an aware moment (give the time zone)")


@dataclass(frozen=True, slots=True)
class World:
    """Rows per object (short Intacct names, Salesforce API names), what truly belongs together, and what does not."""

    salesforce: dict[str, list[Row]]
    intacct: dict[str, list[Row]]
    truth: tuple[TruePair, ...]
    loners: tuple[Loner, ...] = ()


def generate_world(options: WorldOptions) -> World:
    """Return the world of `options`.

    Raises:
        ValueError: more records were asked for than the name lists can tell apart.
    """
    stamps = _stamp_pool(options)
    firms = companies.draw_companies(
        _random(options, "companies"), per_side=options.accounts, shared=round(options.accounts * options.overlap)
    )
    persons = people.draw_people(
        _random(options, "people"), firms, per_side=options.contacts, shared=round(options.contacts * options.overlap)
    )
    articles = catalogue.draw_articles(
        _random(options, "articles"), per_side=options.items, shared=round(options.items * options.overlap)
    )
    salesforce: dict[str, list[Row]] = {}
    intacct: dict[str, list[Row]] = {}
    notes = _write_notes(_random(options, "notes"), firms, stamps)
    customers, accounts = _account_rows(_random(options, "accounts"), firms, stamps)
    intacct["contact"], salesforce_contacts = _contact_rows(_random(options, "contacts"), persons, stamps)
    intacct["customer"] = customers
    intacct["customer-contact"] = people.contact_list_rows(_random(options, "contact lists"), persons, firms, stamps)
    _name_primary_contacts(intacct)
    salesforce["Account"] = accounts
    salesforce["Contact"] = salesforce_contacts
    salesforce |= notes
    _add_goods(options, articles, stamps, intacct, salesforce)
    kinds = _vary(options, firms, salesforce, intacct, persons, articles)
    ids = {
        "accounts": [(f.customer_id, f.account_id) for f in firms],
        "contacts": [(p.contact_id, p.record_id) for p in persons],
        "products": [(a.item_id, a.product_id) for a in articles],
    }
    return World(salesforce, intacct, tuple(pairs_of(ids, kinds)), tuple(loners_of(ids, kinds)))


def _vary(
    options: WorldOptions,
    firms: list[Company],
    salesforce: dict[str, list[Row]],
    intacct: dict[str, list[Row]],
    persons: list[people.Person],
    articles: list[catalogue.Article],
) -> dict[str, str]:
    """Make `options.hard` of the records hard to match; the kind of each by its id."""
    if not options.hard:
        return {}
    rng = _random(options, "variations")
    contacts = _shared_rows([(p.contact_id, p.record_id) for p in persons], intacct["contact"], salesforce["Contact"])
    products = _shared_rows([(a.item_id, a.product_id) for a in articles], intacct["item"], salesforce["Product2"])
    return {
        **variations.vary_accounts(rng, firms, intacct["customer"], salesforce["Account"], options.hard),
        **variations.vary_contacts(rng, contacts, options.hard),
        **variations.vary_products(rng, products, options.hard),
    }


def _shared_rows(
    ids: Iterable[tuple[str | None, str | None]], intacct: Iterable[Row], salesforce: Iterable[Row]
) -> list[tuple[Row, Row]]:
    ours, theirs = {row["id"]: row for row in intacct}, {row["Id"]: row for row in salesforce}
    return [(ours[one], theirs[other]) for one, other in ids if one and other]


def _random(options: WorldOptions, purpose: str) -> Random:
    return Random(f"{options.seed}:{purpose}")  # noqa: S311 - test data, and it must repeat


def _stamp_pool(options: WorldOptions) -> list[tuple[str, str]]:
    """Draw (created, modified) pairs in whole seconds; sharing a pool gives the same-second floods of mass imports."""
    rng = _random(options, "stamps")
    latest = options.latest.astimezone(UTC).replace(microsecond=0)
    pool = []
    for _ in range(_STAMP_POOL):
        age = 30 * 86_400 + int(rng.random() * 3 * 365 * 86_400)
        since = int(rng.random() ** 3 * age)
        pool.append((_stamp(latest - timedelta(seconds=age)), _stamp(latest - timedelta(seconds=since))))
    return pool


def _stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _account_rows(rng: Random, firms: Iterable[Company], stamps: list[tuple[str, str]]) -> tuple[list[Row], list[Row]]:
    customers: list[Row] = []
    accounts: list[Row] = []
    rank = 0
    for firm in firms:
        if firm.customer_id is not None:
            customers.append(companies.customer_row(firm, rng, pick(rng, stamps)))
        if firm.account_id is not None:
            accounts.append(companies.account_row(firm, rng, pick(rng, stamps)))
        if firm.shared:
            companies.drift(customers[-1], accounts[-1], firm, rng, rank=rank)
            rank += 1
    companies.stretch(customers, accounts, {firm.account_id for firm in firms if firm.shared})
    return customers, accounts


def _contact_rows(
    rng: Random, persons: Iterable[people.Person], stamps: list[tuple[str, str]]
) -> tuple[list[Row], list[Row]]:
    intacct: list[Row] = []
    salesforce: list[Row] = []
    for person in persons:
        if person.contact_id is not None:
            intacct.append(people.intacct_contact_row(person, rng, pick(rng, stamps)))
        if person.record_id is not None:
            salesforce.append(people.salesforce_contact_row(person, rng, pick(rng, stamps)))
    return intacct, salesforce


def _name_primary_contacts(intacct: dict[str, list[Row]]) -> None:
    """Make the first contact of every second customer that has one its primary contact."""
    first: dict[object, object] = {}
    for row in intacct["customer-contact"]:
        first.setdefault(row["customer.id"], row["contact.id"])
    for customer in intacct["customer"][::2]:
        if customer["id"] in first:
            customer["contacts.primary.id"] = first[customer["id"]]


def _write_notes(rng: Random, firms: Iterable[Company], stamps: list[tuple[str, str]]) -> dict[str, list[Row]]:
    """Give some companies remarks: as `Description`, as classic `Note` or as `ContentNote` with its link."""
    classic: list[Row] = []
    enhanced: list[Row] = []
    links: list[Row] = []
    for firm in firms:
        draw = rng.random()
        title, body = pick(rng, NOTE_TOPICS)
        if draw < 0.25:
            firm.notes.append(f"{title}: {body}")
        if firm.account_id is None or not 0.2 < draw < 0.34:
            continue
        created, modified = pick(rng, stamps)
        if draw < 0.28:
            classic.append(
                {
                    "ParentId": firm.account_id,
                    "Title": title,
                    "Body": body,
                    "CreatedDate": created,
                    "LastModifiedDate": modified,
                    "SystemModstamp": modified,
                }
            )
        else:
            note_id = salesforce_id("069", len(enhanced) + 1)
            enhanced.append(
                {
                    "Id": note_id,
                    "Title": title,
                    "Content": _note_body(body),
                    "CreatedDate": created,
                    "LastModifiedDate": modified,
                }
            )
            links.append(
                {
                    "ContentDocumentId": note_id,
                    "LinkedEntityId": firm.account_id,
                    "ShareType": "V",
                    "SystemModstamp": modified,
                }
            )
    return {"Note": classic, "ContentNote": enhanced, "ContentDocumentLink": links}


def _note_body(text: str) -> str:
    """Return a text as the body of an enhanced note: HTML in base64."""
    paragraphs = "".join(f"<p>{html.escape(line)}</p>" for line in text.splitlines())
    return base64.b64encode(paragraphs.encode("utf-8")).decode("ascii")


def _add_goods(
    options: WorldOptions,
    articles: list[catalogue.Article],
    stamps: list[tuple[str, str]],
    intacct: dict[str, list[Row]],
    salesforce: dict[str, list[Row]],
) -> None:
    rng = _random(options, "goods")
    items: list[Row] = []
    products: list[Row] = []
    for article in articles:
        stamp = pick(rng, stamps)
        if article.item_id is not None:
            items.append(catalogue.item_row(article, rng, stamp))
        if article.product_id is not None:
            products.append(catalogue.product_row(article, rng, stamp))
    intacct["item"] = items
    intacct["warehouse"] = catalogue.warehouse_rows(options.warehouses, stamps)
    intacct["item-warehouse-inventory"] = catalogue.stock_rows(
        _random(options, "stock"), articles, intacct["warehouse"], stamps
    )
    intacct["price-list"], intacct["price-list-entry"] = catalogue.price_list_rows(articles, stamps)
    salesforce["Product2"] = products
    salesforce["Pricebook2"], salesforce["PricebookEntry"] = catalogue.price_rows(
        _random(options, "prices"), articles, stamps
    )
