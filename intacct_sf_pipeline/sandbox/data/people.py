"""Draws the people of the generated world and writes each as an Intacct contact, a Salesforce contact, or both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from intacct_sf_pipeline.sandbox.data.companies import Company, Row
from intacct_sf_pipeline.sandbox.data.names import ENGLISH, JOB_TITLES, WOMEN
from intacct_sf_pipeline.sandbox.data.spelling import fill, mail_word, pick, respelled_phone, salesforce_id


@dataclass(slots=True)
class Person:
    """One person; `contact_id` (Intacct) or `record_id` (Salesforce) is None where absent. `employer` may be None."""

    first: str
    last: str
    prefix: str | None
    title: str | None
    phone: str | None
    mobile: str | None
    email: str | None
    employer: Company | None
    contact_id: str | None
    record_id: str | None


def draw_people(rng: Random, companies: list[Company], *, per_side: int, shared: int) -> list[Person]:
    """Return the people of a world where each side holds `per_side`, `shared` of them on both, in random order.

    Shared people work for shared companies (without any, nobody is shared). Names are unique, apart from one person in
    a hundred who has the name of somebody at another company; Intacct then tells them apart by the customer id in the
    contact's name, which is unique in the whole company.
    """
    employers = _employers(companies)
    shared = shared if employers["both"] else 0
    only = per_side - shared
    roles = ["both"] * shared + ["intacct"] * only + ["salesforce"] * only
    rng.shuffle(roles)
    taken: set[tuple[str, str]] = set()
    people: list[Person] = []
    for number, role in enumerate(roles, start=1):
        choices = employers[role]
        unattached = not choices or (role != "both" and rng.random() < 0.02)
        employer = None if unattached else pick(rng, choices)
        namesake = people[-1] if number % 100 == 0 and employer is not people[-1].employer else None
        name = (namesake.first, namesake.last) if namesake else _free_name(employer, rng, taken)
        people.append(_person(rng, name, employer, role, number, namesake=namesake is not None))
    return people


def _employers(companies: list[Company]) -> dict[str, list[Company]]:
    return {
        "both": [company for company in companies if company.shared],
        "intacct": [company for company in companies if company.customer_id is not None],
        "salesforce": [company for company in companies if company.account_id is not None],
    }


def _free_name(employer: Company | None, rng: Random, taken: set[tuple[str, str]]) -> tuple[str, str]:
    speech = employer.speech if employer and rng.random() < 0.85 else ENGLISH
    for attempt in range(200):
        name = (pick(rng, speech.first_names), pick(rng, speech.surnames))
        if attempt > 1:
            name = (name[0], f"{name[1]}-{pick(rng, speech.surnames)}")
        if attempt > 20:
            name = (f"{name[0]} {pick(rng, 'ABCDEFGHJKLMNPRSTVW')}.", name[1])
        if name not in taken:
            taken.add(name)
            return name
    raise ValueError("more contacts were asked for than there are names")


def _person(
    rng: Random, name: tuple[str, str], employer: Company | None, role: str, number: int, *, namesake: bool
) -> Person:
    first, last = name
    draw = rng.random()
    domain = employer.domain if employer else "freelance.example"
    phone = employer.phone if employer and draw < 0.5 else None
    if employer and 0.5 <= draw < 0.8:
        phone = fill(pick(rng, employer.city.phones), rng)
    mobiles = employer.country.mobiles if employer else ()
    prefix = (employer.speech if employer else ENGLISH).prefixes[first.split(" ")[0] in WOMEN] if draw < 0.7 else None
    contact_id = f"{first} {last}"
    if namesake:
        contact_id += f" ({employer.customer_id or number})" if employer else f" ({number})"
    return Person(
        first=first,
        last=last,
        prefix=prefix,
        title=pick(rng, JOB_TITLES) if draw < 0.9 else None,
        phone=phone,
        mobile=fill(mobiles[0], rng) if mobiles and rng.random() < 0.4 else None,
        email=f"{mail_word(first)}.{mail_word(last)}@{domain}" if role == "both" or draw > 0.1 else None,
        employer=employer,
        contact_id=contact_id if role != "salesforce" else None,
        record_id=salesforce_id("003", number) if role != "intacct" else None,
    )


def intacct_contact_row(person: Person, rng: Random, stamps: tuple[str, str]) -> Row:
    """Return the person as a row of `company-config/contact` (dotted keys).

    Source: Intacct reference 5.7.
    """
    employer, draw = person.employer, rng.random()
    blank = "" if draw < 0.5 else None
    home = employer if draw < 0.6 else None
    return {
        "id": person.contact_id,
        "printAs": f"{person.first} {person.last}",
        "prefix": person.prefix,
        "firstName": person.first,
        "lastName": person.last,
        "companyName": employer.name if employer else blank,
        "email1": person.email or blank,
        "phone1": person.phone or blank,
        "mobile": person.mobile,
        "status": "active" if draw < 0.98 else "inactive",
        "mailingAddress.addressLine1": home.street if home else None,
        "mailingAddress.addressLine2": home.second_line if home else None,
        "mailingAddress.city": home.city.name if home else None,
        "mailingAddress.state": (home.city.state or blank) if home else None,
        "mailingAddress.postCode": home.postal if home else None,
        "mailingAddress.isoCountryCode": home.country.code if home else None,
        "audit.createdDateTime": stamps[0],
        "audit.modifiedDateTime": stamps[1],
    }


def salesforce_contact_row(person: Person, rng: Random, stamps: tuple[str, str]) -> Row:
    """Return the person as a row of the Salesforce object `Contact`, typed by somebody else than Intacct's was.

    Source: Salesforce reference 8.2.
    """
    employer, draw = person.employer, rng.random()
    phone, email = person.phone, person.email
    if employer and phone and rng.random() < 0.6:
        phone = respelled_phone(phone, employer.country.calling_code, rng)
    title = person.title
    if person.record_id and person.contact_id and draw < 0.03:
        title = "Head of Finance"
    return {
        "Id": person.record_id,
        "AccountId": employer.account_id if employer else None,
        "Salutation": person.prefix,
        "FirstName": person.first.upper() if 0.03 < draw < 0.05 else person.first,
        "LastName": person.last.upper() if 0.03 < draw < 0.05 else person.last,
        "Title": title,
        "Phone": phone,
        "MobilePhone": person.mobile,
        "Email": email.upper() if email and 0.05 < draw < 0.1 else email,
        "MailingStreet": employer.street if employer and draw < 0.6 else None,
        "MailingCity": employer.city.name if employer and draw < 0.6 else None,
        "MailingPostalCode": employer.postal if employer and draw < 0.6 else None,
        "MailingCountry": employer.country.name if employer and draw < 0.6 else None,
        "CreatedDate": stamps[0],
        "LastModifiedDate": stamps[1],
        "SystemModstamp": stamps[1],
    }


def contact_list_rows(
    rng: Random, people: list[Person], companies: list[Company], stamps: Sequence[tuple[str, str]]
) -> list[Row]:
    """Return the `accounts-receivable/customer-contact` rows: who belongs to which customer, and as what.

    One employed person in seventy also stands in the list of a second customer.
    Source: Intacct reference 5.7, "How contacts relate to customers".
    """
    customers = [company.customer_id for company in companies if company.customer_id is not None]
    rows: list[Row] = []
    for person in people:
        if person.contact_id is None or person.employer is None or person.employer.customer_id is None:
            continue
        owners = [person.employer.customer_id]
        if rng.random() < 1 / 70:
            other = pick(rng, customers)
            owners += [other] if other != owners[0] else []
        created, modified = pick(rng, stamps)
        rows.extend(
            {
                "customer.id": owner,
                "contact.id": person.contact_id,
                "categoryName": person.title or "Contact",
                "audit.createdDateTime": created,
                "audit.modifiedDateTime": modified,
            }
            for owner in owners
        )
    return rows
