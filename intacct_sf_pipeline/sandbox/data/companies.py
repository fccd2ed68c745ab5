"""Draws the companies of the generated world and writes each as an Intacct customer, a Salesforce account, or both."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from intacct_sf_pipeline.sandbox.data.names import INDUSTRIES, SPEECH, Speech
from intacct_sf_pipeline.sandbox.data.places import COUNTRIES, City, Country
from intacct_sf_pipeline.sandbox.data.spelling import (
    e164,
    fill,
    folded,
    mail_word,
    pick,
    respelled_name,
    respelled_phone,
    salesforce_id,
)

Row = dict[str, object]

_OUTSIDER_TYPES = (
    "Customer - Direct",
    "Customer - Direct",
    "Customer - Channel",
    "Prospect",
    "Prospect",
    "Prospect",
    "Channel Partner / Reseller",
    None,
)
_LONG_NAME = " of the United Coastal and Inland Trading Association for Hardware, Hand Tools and Building Supplies"


@dataclass(slots=True)
class Company:
    """One company as it is, before anybody typed it in; `customer_id` or `account_id` is None where it is absent."""

    base: str
    legal_forms: tuple[str, ...]
    country: Country
    city: City
    street: str
    second_line: str | None
    postal: str
    phone: str
    domain: str
    customer_id: str | None
    account_id: str | None
    people: int = 0
    notes: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The name with its first legal form."""
        return self.base + self.legal_forms[0]

    @property
    def speech(self) -> Speech:
        """The language its people are named in."""
        return SPEECH[self.country.language]

    @property
    def shared(self) -> bool:
        """Whether both systems hold it."""
        return self.customer_id is not None and self.account_id is not None


def draw_companies(rng: Random, *, per_side: int, shared: int) -> list[Company]:
    """Return the companies of a world where each side holds `per_side`, `shared` of them on both, in random order.

    Names are unique after folding (case, accents, punctuation, legal form), apart from one deliberate namesake in a
    hundred shared companies, which differs in city, postal code and telephone number.
    """
    only = per_side - shared
    roles = ["both"] * shared + ["intacct"] * only + ["salesforce"] * only
    rng.shuffle(roles)
    weighted = [country for country in COUNTRIES for _ in range(country.weight)]
    taken: set[str] = set()
    companies: list[Company] = []
    for number, role in enumerate(roles, start=1):
        country = pick(rng, weighted)
        twin = companies[-1] if number % 100 == 0 and role == "both" and companies[-1].shared else None
        base = twin.base if twin else _free_name(SPEECH[country.language], rng, taken)
        company = _settle(rng, base, twin.country if twin else country, twin)
        company.customer_id = f"C-{10000 + number}" if role != "salesforce" else None
        company.account_id = salesforce_id("001", number) if role != "intacct" else None
        companies.append(company)
    return companies


def _free_name(speech: Speech, rng: Random, taken: set[str]) -> str:
    for attempt in range(200):
        a, b = pick(rng, speech.surnames), pick(rng, speech.surnames)
        w, w2 = pick(rng, speech.words), pick(rng, speech.words)
        trade = pick(rng, speech.trades)
        name = pick(rng, speech.patterns).format(a=a, b=b, w=w, w2=w2, t=trade, t2=trade.lower())
        if attempt > 3:
            name = f"{name} {pick(rng, speech.surnames)}"
        key = folded(name)
        if a != b and w != w2 and key not in taken:
            taken.add(key)
            return name
    raise ValueError("more companies were asked for than there are names")


def _settle(rng: Random, base: str, country: Country, twin: Company | None) -> Company:
    cities = [city for city in country.cities if twin is None or city is not twin.city]
    city = pick(rng, cities)
    street = pick(rng, country.streets).format(n=1 + int(rng.random() * 240))
    second = f"Suite {100 + int(rng.random() * 800)}" if rng.random() < 0.15 else None
    forms = twin.legal_forms if twin else pick(rng, SPEECH[country.language].legal_forms)
    domain = f"{mail_word(base)[:30].strip('-')}.example"
    phone = fill(pick(rng, city.phones), rng)
    return Company(base, forms, country, city, street, second, fill(city.postal, rng), phone, domain, None, None)


def customer_row(company: Company, rng: Random, stamps: tuple[str, str]) -> Row:
    """Return the company as a row of `accounts-receivable/customer` (dotted keys).

    Source: Intacct reference 5.6 (customer, `contacts.default`).
    """
    draw, address = rng.random(), "contacts.default.mailingAddress."
    blank = "" if draw < 0.5 else None
    row: Row = {
        "id": company.customer_id,
        "name": company.name,
        "status": "inactive" if draw > 0.96 else "activeNonPosting" if draw > 0.95 else "active",
        "notes": company.notes[0] if not company.shared and company.notes else blank,
        "contacts.default.printAs": company.name,
        "contacts.default.companyName": company.name,
        "contacts.default.phone1": company.phone,
        "contacts.default.email1": f"office@{company.domain}" if draw < 0.8 else blank,
        address + "addressLine1": company.street,
        address + "addressLine2": company.second_line or blank,
        address + "city": company.city.name,
        address + "state": company.city.state or blank,
        address + "postCode": company.postal,
        address + "isoCountryCode": company.country.code if draw < 0.7 else company.country.code.lower(),
        "creditLimit": 500 * (1 + int(draw * 100)) if draw < 0.3 else None,
        "contacts.primary.id": None,
        "audit.createdDateTime": stamps[0],
        "audit.modifiedDateTime": stamps[1],
    }
    if not company.shared and draw > 0.85:
        row["contacts.default.phone1"] = None
    return row


def account_row(company: Company, rng: Random, stamps: tuple[str, str]) -> Row:
    """Return the company as a row of the Salesforce object `Account`, typed by somebody else than the customer was.

    Source: Salesforce reference 8.1.
    """
    draw = rng.random()
    country, city = company.country, company.city
    street = company.street if company.second_line is None else f"{company.street}\r\n{company.second_line}"
    kind = "Customer - Channel" if draw < 0.2 else "Customer - Direct"
    row: Row = {
        "Id": company.account_id,
        "Name": company.name if rng.random() < 0.5 else respelled_name(company.base, company.legal_forms, rng),
        "AccountNumber": None,
        "Type": kind if company.shared else _OUTSIDER_TYPES[int(draw * len(_OUTSIDER_TYPES))],
        "Phone": company.phone if rng.random() < 0.4 else respelled_phone(company.phone, country.calling_code, rng),
        "Website": f"https://www.{company.domain}" if draw < 0.6 else None,
        "Industry": INDUSTRIES[int(draw * len(INDUSTRIES))] if draw < 0.9 else None,
        "Description": company.notes[0] if company.notes else None,
        "BillingStreet": street.upper() if rng.random() < 0.05 else street,
        "BillingCity": city.name,
        "BillingState": city.state if rng.random() < 0.5 else city.state_name,
        "BillingPostalCode": company.postal.replace(" ", "") if rng.random() < 0.15 else company.postal,
        "BillingCountry": pick(rng, country.spellings),
        "CreatedDate": stamps[0],
        "LastModifiedDate": stamps[1],
        "SystemModstamp": stamps[1],
    }
    if not company.shared:
        _leave_out(row, company, rng)
    return row


def _leave_out(row: Row, company: Company, rng: Random) -> None:
    draw = rng.random()
    if draw < 0.15:
        row["Phone"] = None
    elif draw < 0.25:
        row["BillingPostalCode"] = row["BillingState"] = None
    elif draw < 0.3 and row["Phone"] is not None:
        row["BillingCountry"] = row["BillingStreet"] = None
        row["Phone"] = e164(company.phone, company.country.calling_code)


def drift(customer: Row, account: Row, company: Company, rng: Random, *, rank: int) -> None:
    """Give the `rank`-th shared pair its link and its differences, changing one row or the other.

    Every second pair carries the customer id in `AccountNumber`; only those may differ in a field that matching needs.
    Of the others a few lack the telephone number or the postal code on one side.
    """
    draw = rng.random()
    if rank % 2 == 0:
        account["AccountNumber"] = company.customer_id
        if draw < 0.03:
            account["Phone"] = fill(company.city.phones[0], rng)
        elif draw < 0.06:
            customer["contacts.default.mailingAddress.postCode"] = fill(company.city.postal, rng)
        elif draw < 0.08:
            account["Name"] = f"{company.base} {company.city.name}{company.legal_forms[0]}"
        elif draw < 0.1:
            customer["contacts.default.mailingAddress.addressLine1"] = f"{company.street}, Dock {1 + int(draw * 100)}"
        return
    if draw < 0.04:
        account["Phone"] = None
    elif draw < 0.06:
        customer["contacts.default.phone1"] = ""
    elif draw < 0.09:
        account["BillingPostalCode"] = None
    elif draw < 0.12:
        account["BillingStreet"] = f"{company.street}, Rear Entrance"


def stretch(customers: list[Row], accounts: list[Row], shared: set[str | None]) -> None:
    """Stretch a few texts to the vendors' limits, as old databases have them.

    The first shared pair gets a name of 100 characters (what Intacct holds). From 100 accounts on, one customer known
    to Salesforce alone gets a longer one, so that a first synchronisation has something to hold, and one prospect a
    description close to Salesforce's 32,000 characters. `shared` holds the record ids of the accounts on both sides.
    """
    linked = {str(row["id"]): row for row in customers}
    pairs = ((linked[str(row["AccountNumber"])], row) for row in accounts if row["AccountNumber"])
    for customer, account in pairs:
        account["Name"] = customer["name"] = f"{customer['name']}{_LONG_NAME}"[:100].strip().ljust(100, "s")
        break
    if len(accounts) < 100:
        return
    unlinked = [row for row in accounts if row["AccountNumber"] is None]
    prospect = next((row for row in unlinked if row["Type"] == "Prospect"), None)
    if prospect:
        prospect["Description"] = "A very long history. " * 1520
    stranger = next((row for row in unlinked if row["Id"] not in shared and row["Type"] == "Customer - Direct"), None)
    if stranger:
        stranger["Name"] = f"{stranger['Name']}{_LONG_NAME}"
