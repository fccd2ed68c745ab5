"""The generated company: the same for the same seed, of the size asked for, believable, accepted by both services."""

import hashlib
import json
import os
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intacct_sf_pipeline.sandbox.clock import OffsetClock
from intacct_sf_pipeline.sandbox.data.places import COUNTRIES
from intacct_sf_pipeline.sandbox.data.seed import load_world
from intacct_sf_pipeline.sandbox.data.spelling import folded, salesforce_id
from intacct_sf_pipeline.sandbox.data.world import World, WorldOptions, generate_world
from intacct_sf_pipeline.sandbox.intacct.company import IntacctCompany
from intacct_sf_pipeline.sandbox.salesforce.ids import to_long
from intacct_sf_pipeline.sandbox.salesforce.org import SalesforceOrg

NOW = datetime(2026, 7, 1, 8, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def world() -> World:
    return generate_world(WorldOptions(accounts=600, contacts=900, items=300))


def empty_systems() -> tuple[SalesforceOrg, IntacctCompany]:
    clock = OffsetClock.frozen_at(NOW)
    org = SalesforceOrg(clock=clock, client_id="id", client_secret="secret")
    return org, IntacctCompany(clock=clock, client_id="id", client_secret="secret")


def text_of(world: World) -> str:
    return json.dumps([world.salesforce, world.intacct, [str(pair) for pair in world.truth]], sort_keys=True)


def test_the_same_seed_gives_the_same_world_in_another_process_with_another_hash_seed() -> None:
    code = (
        "import json, hashlib; from intacct_sf_pipeline.sandbox.data.world import *;"
        "w = generate_world(WorldOptions(accounts=50, contacts=80, items=30));"
        "print(hashlib.sha256(json.dumps([w.salesforce, w.intacct, [str(p) for p in w.truth]], sort_keys=True)"
        ".encode()).hexdigest())"
    )
    env = {**os.environ, "PYTHONHASHSEED": "12345", "PYTHONPATH": os.pathsep.join(sys.path)}
    other = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    here = text_of(generate_world(WorldOptions(accounts=50, contacts=80, items=30)))
    assert other.stdout.strip() == hashlib.sha256(here.encode()).hexdigest()


def test_another_seed_gives_another_world() -> None:
    assert text_of(generate_world(WorldOptions(seed=1))) != text_of(generate_world(WorldOptions(seed=2)))


def test_more_contacts_leave_the_accounts_as_they_were() -> None:
    few, many = generate_world(WorldOptions(contacts=10)), generate_world(WorldOptions(contacts=900))
    assert few.salesforce["Account"] == many.salesforce["Account"]


@settings(max_examples=25, deadline=None)
@given(
    accounts=st.integers(0, 60),
    contacts=st.integers(0, 60),
    items=st.integers(0, 40),
    warehouses=st.integers(0, 8),
    overlap=st.floats(0, 1),
    seed=st.integers(0, 10_000),
)
def test_every_side_holds_what_was_asked_for_and_both_services_take_it(
    accounts: int, contacts: int, items: int, warehouses: int, overlap: float, seed: int
) -> None:
    world = generate_world(WorldOptions(accounts, contacts, items, warehouses, overlap, seed))
    org, company = empty_systems()
    load_world(world, org, company)
    assert (org.count("Account"), company.count("customer")) == (accounts, accounts)
    assert org.count("Contact") == contacts
    assert company.count("contact") == contacts + accounts, "every customer also has a display contact of its own"
    assert (org.count("Product2"), company.count("item")) == (items, items)
    assert company.count("warehouse") == warehouses
    pairs = Counter(pair.entity for pair in world.truth)
    assert (pairs["accounts"], pairs["products"]) == (round(accounts * overlap), round(items * overlap))
    assert pairs["contacts"] == (round(contacts * overlap) if round(accounts * overlap) else 0)


def test_a_large_world_is_generated_and_loaded() -> None:
    org, company = empty_systems()
    load_world(generate_world(WorldOptions(accounts=10_000, contacts=2_000, items=1_000)), org, company)
    assert (org.count("Account"), company.count("customer")) == (10_000, 10_000)


def test_names_are_unique_but_for_deliberate_namesakes_elsewhere(world: World) -> None:
    for rows, name, place in (
        (world.intacct["customer"], "name", "contacts.default.mailingAddress.postCode"),
        (world.salesforce["Account"], "Name", "BillingPostalCode"),
    ):
        names = Counter(folded(str(row[name])) for row in rows)
        twins = [row for row in rows if names[folded(str(row[name]))] > 1]
        assert len(twins) <= len(rows) / 25
        assert len({(folded(str(row[name])), row[place]) for row in twins}) == len(twins)


def test_contact_ids_are_unique_in_the_whole_company_though_people_share_names(world: World) -> None:
    rows = world.intacct["contact"]
    assert len({row["id"] for row in rows}) == len(rows)
    people = Counter((row["firstName"], row["lastName"]) for row in rows)
    assert any(count > 1 for count in people.values())


def test_about_half_of_the_shared_accounts_carry_their_link_and_the_rest_can_be_found(world: World) -> None:
    accounts = {str(row["Id"]): row for row in world.salesforce["Account"]}
    customers = {str(row["id"]): row for row in world.intacct["customer"]}
    pairs = [pair for pair in world.truth if pair.entity == "accounts"]
    linked = [pair for pair in pairs if accounts[pair.salesforce_id]["AccountNumber"] == pair.intacct_id]
    assert 0.4 < len(linked) / len(pairs) < 0.6
    for pair in pairs:
        if pair in linked:
            continue
        account, customer = accounts[pair.salesforce_id], customers[pair.intacct_id]
        assert account["AccountNumber"] is None
        here, there = account["BillingPostalCode"], customer["contacts.default.mailingAddress.postCode"]
        same_place = here is not None and folded(str(here)) == folded(str(there))
        assert same_place or account["Phone"], "a pair never lacks both keys"


def test_telephone_numbers_are_valid_for_their_country(world: World) -> None:
    by_spelling = {spelling: country.code for country in COUNTRIES for spelling in country.spellings}
    checked = 0
    for row in world.salesforce["Account"]:
        if row["Phone"] is not None:
            region = by_spelling.get(str(row["BillingCountry"]))
            assert phonenumbers.is_valid_number(phonenumbers.parse(str(row["Phone"]), region)), row["Phone"]
            checked += 1
    for row in world.intacct["customer"]:
        number, code = row["contacts.default.phone1"], row["contacts.default.mailingAddress.isoCountryCode"]
        if number:
            region = str(code).upper()
            assert phonenumbers.is_valid_number_for_region(phonenumbers.parse(str(number), region), region), number
            checked += 1
    assert checked > 1000


def test_every_country_phone_pattern_is_valid() -> None:
    for country in COUNTRIES:
        for pattern in (*country.mobiles, *(phone for city in country.cities for phone in city.phones)):
            number = phonenumbers.parse(pattern.replace("#", "7"), country.code)
            assert phonenumbers.is_valid_number_for_region(number, country.code), (country.code, pattern)


def test_the_world_has_what_a_real_one_has(world: World) -> None:
    accounts, customers = world.salesforce["Account"], world.intacct["customer"]
    kinds = {row["Type"] for row in accounts}
    assert {"Customer - Direct", "Customer - Channel", "Prospect", "Channel Partner / Reseller", None} <= kinds
    assert {row["status"] for row in customers} >= {"active", "inactive"}
    assert {row["itemType"] for row in world.intacct["item"]} == {
        "inventory", "nonInventory", "purchaseOnlyNonInventory", "salesOnlyNonInventory", "kit", "stockableKit",
    }  # fmt: skip
    everything = text_of(world)
    for sample in ("O'Neill", "&", '\\"', "\\u00fc", "\\u0142"):
        assert sample in everything
    assert max(len(str(row["name"])) for row in customers) == 100
    assert any(len(str(row["Name"])) > 100 for row in accounts)
    assert any(len(str(row["Description"])) > 31_000 for row in accounts)
    assert world.salesforce["Note"]
    assert world.salesforce["ContentNote"]
    members = Counter(row["contact.id"] for row in world.intacct["customer-contact"])
    assert max(members.values()) == 2
    books = {row["Id"] for row in world.salesforce["Pricebook2"]}
    assert {row["Pricebook2Id"] for row in world.salesforce["PricebookEntry"]} == books
    assert len({row["warehouse.id"] for row in world.intacct["item-warehouse-inventory"]}) == 4


def test_no_stamp_lies_in_the_future_of_the_sandbox(world: World) -> None:
    stamps = [str(row["audit.modifiedDateTime"]) for row in world.intacct["customer"]]
    assert max(stamps) <= "2026-06-30T18:00:00Z"
    assert all(row["CreatedDate"] <= row["SystemModstamp"] for row in world.salesforce["Account"])  # type: ignore[operator] # both are text


@given(number=st.integers(0, 62**5 - 1), prefix=st.sampled_from(["001", "003", "01t", "a0B"]))
def test_generated_ids_have_the_right_check_characters(number: int, prefix: str) -> None:
    record_id = salesforce_id(prefix, number)
    assert to_long(record_id[:15]) == record_id


@pytest.mark.parametrize("wrong", [{"accounts": -1}, {"overlap": 1.5}, {"latest": datetime(2026, 1, 1)}])  # noqa: DTZ001 - the point
def test_impossible_options_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="must"):
        WorldOptions(**wrong)  # type: ignore[arg-type] # wrong on purpose
