"""Prices in several currencies, and the currency of a customer: over both of Intacct's doors.

One entry per product, book and currency, the standard one of a currency first; amounts with the digits of their
currency; nothing at all where the org has one currency.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

import pytest

from intacct_sf_pipeline.cli.exits import ExitCode
from intacct_sf_pipeline.engine.guarding.currencies import require_currencies
from intacct_sf_pipeline.model.errors import ConfigurationError
from intacct_sf_pipeline.model.mapping_loader import load_config
from intacct_sf_pipeline.model.records import Side
from intacct_sf_pipeline.sandbox.data.catalogue import CHANNEL_BOOK
from intacct_sf_pipeline.sandbox.salesforce.schema.catalog import OrgFeatures
from intacct_sf_pipeline.sandbox.server import SandboxOptions, running_sandbox
from intacct_sf_pipeline.settings import VARIABLES
from intacct_sf_pipeline.staging.queries import open_holds

from .doors import intacct_api
from .loop import Loop, running_loop

pytestmark = pytest.mark.both_doors

ITEM = "inventory-control/item"
CUSTOMER = "accounts-receivable/customer"
PRICES = """
version: 1
entities:
  prices:
    intacct:
      variants:
        - {name: standard_usd, columns: {price.amount: purchasing.standardCost}, constants: {price.book: standard, price.currency: USD}}
        - {name: standard_eur, columns: {price.amount: sales.basePrice}, constants: {price.book: standard, price.currency: EUR}}
        - {name: wholesale_eur, columns: {price.amount: sales.basePrice}, constants: {price.book: Wholesale, price.currency: EUR}}
        - {name: standard_jpy, columns: {price.amount: sales.basePrice}, constants: {price.book: standard, price.currency: JPY}}
    match:
      - {name: product-book-currency, fields: [product, book, currency]}
    fields:
      currency: {intacct: price.currency, salesforce: CurrencyIsoCode, direction: to_salesforce, required: true, create_only: true}
      unit_price: {currency: currency, breaker: null}
"""  # noqa: E501 - as it stands in docs/mapping.md
ACCOUNTS = """
version: 1
entities:
  accounts:
    fields:
      currency: {intacct: currency, salesforce: CurrencyIsoCode, conflict: intacct}
"""
SEVERAL = OrgFeatures(currencies=("USD", "EUR"), inactive_currencies=("JPY",))


@contextmanager
def company(folder: Path, text: str, features: OrgFeatures = SEVERAL) -> Iterator[Loop]:
    """A settled company whose items cost 12.50 to buy and 20.456 to sell; the org has a price book Wholesale."""
    path = folder / "money.yaml"
    path.write_text(text, encoding="utf-8")
    options = SandboxOptions(accounts=4, contacts=0, items=3, overlap=1.0, features=features)
    with running_loop(folder, options, load_config(path)) as loop:
        loop.new("Pricebook2", Name="Wholesale", IsActive=True)
        for item in loop.sandbox.company.store[ITEM].rows:
            prices = {"purchasing": {"standardCost": "12.50"}, "sales": {"basePrice": "20.456"}}
            loop.sandbox.company.edit(ITEM, item, prices)
        yield loop


def prices(loop: Loop, product: str) -> dict[tuple[str, str], Decimal]:
    """The prices of a product by book and currency."""
    db = loop.sandbox.org.db
    return {
        (str(db.table("Pricebook2").rows[row["Pricebook2Id"]]["Name"]), str(row["CurrencyIsoCode"])): row["UnitPrice"]
        for row in db.table("PricebookEntry").live()
        if row["Product2Id"] == product and row["Pricebook2Id"] != CHANNEL_BOOK
    }


def settle(loop: Loop) -> None:
    for _ in range(3):
        loop.sync()
    assert loop.sync().total() == 0


def some_pair(loop: Loop) -> tuple[str, str]:
    """An item and its product."""
    for item in loop.sandbox.company.store[ITEM].rows:
        found = loop.runtime.store.links("products", Side.INTACCT, [item])
        if found:
            return item, found[item].salesforce_id
    raise AssertionError("no item has a product")


def test_each_book_has_one_price_per_currency(tmp_path: Path) -> None:
    with company(tmp_path, PRICES) as loop:
        settle(loop)
        item, product = some_pair(loop)
        assert prices(loop, product) == {
            ("Standard Price Book", "USD"): Decimal("12.50"),
            ("Standard Price Book", "EUR"): Decimal("20.46"),
            ("Wholesale", "EUR"): Decimal("20.46"),
        }
        loop.sandbox.company.edit(ITEM, item, {"sales": {"basePrice": "21.00"}})
        loop.sync()
        assert prices(loop, product)["Wholesale", "EUR"] == prices(loop, product)["Standard Price Book", "EUR"] == 21
        assert prices(loop, product)["Standard Price Book", "USD"] == Decimal("12.50")
        assert loop.sync().total() == 0


def test_an_inactive_currency_is_held_with_its_cure_and_written_once_it_is_active(tmp_path: Path) -> None:
    with company(tmp_path, PRICES) as loop:
        settle(loop)
        item, product = some_pair(loop)
        (hold,) = [hold for hold in open_holds(loop.runtime.store.database, "prices") if hold["key"].startswith(item)]
        assert hold["key"].endswith("standard_jpy")
        assert "currency" in hold["message"].lower()
        assert "Manage Currencies" in hold["cure"]
        loop.sandbox.org.set_currency_active("JPY", active=True)
        loop.sync(retry_holds=True)
        assert prices(loop, product)["Standard Price Book", "JPY"] == 20
        assert not open_holds(loop.runtime.store.database, "prices")


def test_an_org_with_one_currency_refuses_the_mapping_before_anything_is_read(tmp_path: Path) -> None:
    with company(tmp_path, PRICES, OrgFeatures()) as loop:
        before = loop.sandbox.org.count("PricebookEntry")
        with pytest.raises(ConfigurationError, match=r"prices.*one currency only.*multiple currencies"):
            require_currencies(loop.runtime.config.mapping, loop.runtime.connectors)
        assert loop.sandbox.org.count("PricebookEntry") == before


def test_the_commands_refuse_it_too_and_say_how_to_mend_it(tmp_path: Path) -> None:
    file = tmp_path / "money.yaml"
    file.write_text(PRICES, encoding="utf-8")
    with running_sandbox(SandboxOptions(accounts=2, contacts=0, items=2, intacct_api=intacct_api())) as sandbox:
        env = {**sandbox.env, "SYNC_CONFIG": str(file)}
        before = sandbox.org.count("Account"), sandbox.org.count("PricebookEntry")
        checked, said = spoken(tmp_path, env, "mapping", "check", "--json")
        assert checked == ExitCode.FAILED
        assert "The org has one currency only: switch on multiple currencies" in said
        synced, said = spoken(tmp_path, env, "sync", "--json")
        assert synced == ExitCode.USAGE
        assert "one currency only" in json.loads(said)["error"]["message"]
        assert (sandbox.org.count("Account"), sandbox.org.count("PricebookEntry")) == before
        assert not sandbox.company.transactions.records_written


def spoken(folder: Path, env: dict[str, str], *arguments: str) -> tuple[int, str]:
    """Exit code and stdout of a command, run as a process."""
    clean = {name: value for name, value in os.environ.items() if name not in VARIABLES}
    words = [sys.executable, "-m", "intacct_sf_pipeline.cli", *arguments]
    done = subprocess.run(
        words, cwd=folder, env={**clean, **env}, capture_output=True, text=True, timeout=180, check=False
    )
    return done.returncode, done.stdout


def test_a_customers_currency_travels_where_the_mapping_says_so(tmp_path: Path) -> None:
    with company(tmp_path, ACCOUNTS) as loop:
        settle(loop)
        key = next(iter(loop.sandbox.company.store[CUSTOMER].rows))
        account = loop.partner("accounts", "intacct", key)
        loop.sandbox.company.edit(CUSTOMER, key, {"currency": "EUR"})
        loop.sync()
        assert loop.account(account)["CurrencyIsoCode"] == "EUR"
        loop.as_person("Account", account, CurrencyIsoCode="USD")
        loop.sync()
        assert loop.customer(key, "currency") == {"currency": "USD"}
        assert loop.sync().total() == 0
