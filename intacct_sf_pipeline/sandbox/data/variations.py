"""Makes a share of the generated records hard to match, and says of each how.

Pairs whose two spellings are further apart than formatting (a slip of the pen, swapped words, a moved company), and
records that look like one of the other system but are somebody else (branches of a chain, namesakes, similar names).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

from intacct_sf_pipeline.sandbox.data.companies import Company, Row
from intacct_sf_pipeline.sandbox.data.places import City
from intacct_sf_pipeline.sandbox.data.spelling import fill, pick, unaccented

Kinds = dict[str, str]
"""Kind of variation by record id (of the Salesforce record for pairs)."""

_ADDRESS = "contacts.default.mailingAddress."
_DIGRAPHS = {"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe", "ß": "ss", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"}
_SHORT_NAMES = {"Victor": "Vic", "Simon": "Si", "Daniël": "Dan", "Liam": "William", "Raphaël": "Rafael"}
_TRADES = ("Consulting", "Catering", "Robotics", "Ceramics", "Insurance", "Interiors", "Brewing")


def vary_accounts(
    rng: Random, firms: Sequence[Company], customers: Sequence[Row], accounts: Sequence[Row], share: float
) -> Kinds:
    """Change `share` of the pairs without a common number, and as many strangers; kinds of all that were changed."""
    if share <= 0:
        return {}
    ours = {str(row["id"]): row for row in customers}
    theirs = {str(row["Id"]): row for row in accounts}
    pairs = [
        (firm, ours[firm.customer_id], theirs[firm.account_id])
        for firm in firms
        if firm.customer_id and firm.account_id and theirs[firm.account_id]["AccountNumber"] is None
    ]
    kinds: Kinds = {}
    chosen = [pair for pair in pairs if rng.random() < share]
    for number, (firm, customer, account) in enumerate(chosen):
        kind, change = _PAIRS[number % len(_PAIRS)]
        if change(rng, firm, customer, account):
            kinds[str(account["Id"])] = kind
    lone_customers = [(f, ours[f.customer_id]) for f in firms if f.customer_id and not f.account_id]
    lone_accounts = [(f, theirs[f.account_id]) for f in firms if f.account_id and not f.customer_id]
    rng.shuffle(lone_accounts)
    for number, ((model, customer), (firm, account)) in enumerate(zip(lone_customers, lone_accounts, strict=False)):
        if rng.random() < share:
            kind, disguise = _STRANGERS[number % len(_STRANGERS)]
            disguise(rng, model if kind == "branch" else firm, customer, account)
            kinds[str(account["Id"])] = kinds[str(customer["id"])] = kind
    return kinds


def vary_contacts(rng: Random, pairs: Sequence[tuple[Row, Row]], share: float) -> Kinds:
    """Change `share` of the shared contacts in their Salesforce row."""
    kinds: Kinds = {}
    for _, row in pairs:
        if rng.random() >= share:
            continue
        first, last = str(row["FirstName"]), str(row["LastName"])
        draw = rng.random()
        if draw < 0.3:
            kinds[str(row["Id"])] = "typo"
            row["LastName"] = _slip(rng, last)
        elif draw < 0.55:
            kinds[str(row["Id"])] = "initial"
            row["FirstName"] = f"{first[0]}."
        elif draw < 0.7 and first in _SHORT_NAMES:
            kinds[str(row["Id"])] = "short name"
            row["FirstName"] = _SHORT_NAMES[first]
        elif draw < 0.85:
            kinds[str(row["Id"])] = "new e-mail"
            row["Email"] = f"{row['Email']}".replace("@", ".new@") if row["Email"] else None
        else:
            kinds[str(row["Id"])] = "diacritics"
            row["FirstName"], row["LastName"] = _respelt_letters(first), _respelt_letters(last)
    return kinds


def vary_products(rng: Random, pairs: Sequence[tuple[Row, Row]], share: float) -> Kinds:
    """Change `share` of the shared products that do not name their item."""
    kinds: Kinds = {}
    for _, row in pairs:
        if row["IntacctID__c"] or rng.random() >= share:
            continue
        if rng.random() < 0.5:
            kinds[str(row["Id"])] = "other code"
            row["ProductCode"] = f"CAT-{int(rng.random() * 90_000) + 10_000}"
        else:
            kinds[str(row["Id"])] = "typo"
            row["ProductCode"] = None
            row["Name"] = _slip(rng, str(row["Name"]))
    return kinds


Change = Callable[[Random, Company, Row, Row], bool]


def _typo(rng: Random, firm: Company, _customer: Row, account: Row) -> bool:
    account["Name"] = _slip(rng, firm.base) + firm.legal_forms[0]
    return True


def _typo_without_phone(rng: Random, firm: Company, customer: Row, account: Row) -> bool:
    account["Phone"] = None
    return _typo(rng, firm, customer, account)


def _swapped(_rng: Random, firm: Company, _customer: Row, account: Row) -> bool:
    words = firm.base.split()
    if len(words) < 2 or not all(word[0].isalnum() for word in words):
        return False
    account["Name"] = " ".join([words[-1], *words[:-1]]) + firm.legal_forms[0]
    return True


def _legal_form(rng: Random, firm: Company, _customer: Row, account: Row) -> bool:
    account["Name"] = firm.base if rng.random() < 0.5 else firm.base + pick(rng, firm.legal_forms)
    return True


def _ampersand(_rng: Random, firm: Company, _customer: Row, account: Row) -> bool:
    if " & " not in firm.base:
        return False
    account["Name"] = firm.base.replace(" & ", " and ") + firm.legal_forms[-1]
    return True


def _diacritics(_rng: Random, firm: Company, _customer: Row, account: Row) -> bool:
    account["Name"] = _respelt_letters(firm.base) + firm.legal_forms[0]
    return True


def _initial(_rng: Random, firm: Company, _customer: Row, account: Row) -> bool:
    first, _, rest = firm.base.partition(" ")
    if len(rest) < 6 or not first[0].isalpha() or len(first) < 4:
        return False
    account["Name"] = f"{first[0]}. {rest}{firm.legal_forms[0]}"
    return True


def _moved(rng: Random, firm: Company, _customer: Row, account: Row) -> bool:
    """A new address; the telephone number went along."""
    _relocate(rng, firm, account)
    return True


def _moved_altogether(rng: Random, firm: Company, _customer: Row, account: Row) -> bool:
    """A new address and a new number."""
    city = _relocate(rng, firm, account)
    account["Phone"] = fill(pick(rng, city.phones), rng)
    return True


def _name_alone(_rng: Random, _firm: Company, _customer: Row, account: Row) -> bool:
    for column in ("Phone", "BillingStreet", "BillingCity", "BillingState", "BillingPostalCode", "BillingCountry"):
        account[column] = None
    return True


def _bare_customer(_rng: Random, _firm: Company, customer: Row, _account: Row) -> bool:
    customer["contacts.default.phone1"] = customer[_ADDRESS + "postCode"] = None
    return True


def _with_city(_rng: Random, firm: Company, _customer: Row, account: Row) -> bool:
    account["Name"] = f"{firm.base} {firm.city.name}{firm.legal_forms[0]}"
    return True


_PAIRS: tuple[tuple[str, Change], ...] = (
    ("typo", _typo),
    ("swapped words", _swapped),
    ("legal form", _legal_form),
    ("moved", _moved),
    ("typo, no phone", _typo_without_phone),
    ("ampersand", _ampersand),
    ("diacritics", _diacritics),
    ("initial", _initial),
    ("moved, new phone", _moved_altogether),
    ("name alone", _name_alone),
    ("city in name", _with_city),
    ("no phone, no postal code", _bare_customer),
)


def _branch(rng: Random, model: Company, customer: Row, account: Row) -> None:
    """Another branch of a chain: the name and the head office's number are the same, the place is not."""
    account["Name"], account["Phone"] = customer["name"], customer["contacts.default.phone1"]
    account["BillingCountry"] = model.country.name
    _relocate(rng, model, account)


def _namesake(_rng: Random, firm: Company, customer: Row, account: Row) -> None:
    """Another company of the same name in the same postal code area, with a number and a street of its own."""
    account["Name"], account["Phone"] = customer["name"], firm.phone
    for column, part in (
        ("City", "city"),
        ("PostalCode", "postCode"),
        ("State", "state"),
        ("Country", "isoCountryCode"),
    ):
        account[f"Billing{column}"] = customer[_ADDRESS + part] or None
    account["BillingStreet"] = firm.street


def _neighbour(rng: Random, _firm: Company, customer: Row, account: Row) -> None:
    """Another trade under nearly the same name, in the same house, with a number of its own."""
    words = str(customer["name"]).split()
    account["Name"] = " ".join([words[0], pick(rng, _TRADES)])
    for column, part in (
        ("City", "city"), ("PostalCode", "postCode"), ("Street", "addressLine1"), ("Country", "isoCountryCode"),
    ):  # fmt: skip
        account[f"Billing{column}"] = customer[_ADDRESS + part] or None
    account["BillingState"] = None


def _similar_name(rng: Random, firm: Company, customer: Row, account: Row) -> None:
    """Another trade under nearly the same name, elsewhere."""
    words = str(customer["name"]).split()
    account["Name"] = " ".join([*words[:2], pick(rng, _TRADES)])
    _settled(firm, account)


_STRANGERS: tuple[tuple[str, Callable[[Random, Company, Row, Row], None]], ...] = (
    ("branch", _branch),
    ("namesake", _namesake),
    ("neighbour", _neighbour),
    ("similar name", _similar_name),
)


def _settled(firm: Company, account: Row) -> None:
    account["BillingStreet"], account["BillingCity"] = firm.street, firm.city.name
    account["BillingPostalCode"], account["BillingState"] = firm.postal, firm.city.state
    account["BillingCountry"] = firm.country.name


def _relocate(rng: Random, firm: Company, account: Row) -> City:
    city = pick(rng, [city for city in firm.country.cities if city is not firm.city] or firm.country.cities)
    account["BillingStreet"] = pick(rng, firm.country.streets).format(n=1 + int(rng.random() * 240))
    account["BillingCity"], account["BillingState"] = city.name, city.state
    account["BillingPostalCode"] = fill(city.postal, rng)
    return city


def _slip(rng: Random, text: str) -> str:
    """One letter left out, doubled or swapped with the next, inside a word of five letters or more."""
    places = [
        index
        for index in range(2, len(text) - 1)
        if text[index - 2 : index + 2].isalpha() and text[index] != text[index + 1]
    ]
    if not places:
        return text
    at = pick(rng, places)
    draw = rng.random()
    if draw < 0.4:
        return text[:at] + text[at + 1 :]
    if draw < 0.7:
        return text[:at] + text[at] + text[at:]
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]


def _respelt_letters(text: str) -> str:
    """Without its accents, umlauts as two letters."""
    return unaccented("".join(_DIGRAPHS.get(char, char) for char in text))
