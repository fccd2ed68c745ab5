"""Values that people type, and what they mean: the reference model's own idea of "the same", apart from the engine's.

`draw` makes a value of a kind, `respell` writes the same value as somebody else would, `meaning` brings any spelling to
one form. They are simple on purpose: a judge should not share the mistakes of the accused.
"""

from __future__ import annotations

import re
import unicodedata
from random import Random

STATES = {"CA": "California", "NY": "New York", "TX": "Texas", "WA": "Washington"}
COUNTRIES = {"US": "United States", "GB": "United Kingdom", "DE": "Germany"}
_SYLLABLES = [c + v for c in "bdfgklmnprstvz" for v in "aeiou"]
_WORDS = (
    "Works", "Foundry", "Mills", "Logistics", "Instruments", "Marine", "Söhne", "Bakery & Café", "Ørsted", "株式会社",
    "O'Neil", "“Quoted”", "Übersee", "Żagiel", "naïve Ltd", "No. 9",
)  # fmt: skip
_FIRST_NAMES = ("Ada", "Björn", "Chloé", "Dmitri", "Élodie", "Fumiko", "Grace", "Søren")
_CITIES = ("Bath", "Köln", "Sausalito", "Ithaca", "Austin", "Spokane", "São Paulo")
_STREETS = ("1 Quay", "22 Long Lane", "Hof 7", "90 Mill Road", "5 Kings Row", "Suite 12", "Floor 3")
_TITLES = ("Buyer", "Controller", "Head of Things", "Chief, Pumps", "Ingénieure")
_SALUTATIONS = ("Mr.", "Ms.", "Dr.", "Prof.")


def token(rng: Random) -> str:
    """A name nobody else has and no other resembles; it stays in a record's name whatever is edited."""
    return "".join(rng.choice(_SYLLABLES) for _ in range(5)).capitalize()


def draw(rng: Random, kind: str, mark: str = "") -> str | None:
    """Some value of `kind`; `mark` is the token that a name has to carry."""
    if kind == "name":
        return f"{mark} {rng.choice(_WORDS)} {rng.randrange(100)}"
    if kind == "person":
        return mark if rng.random() < 0.5 else f"{mark}-{rng.choice(_SYLLABLES).capitalize()}"
    if rng.random() < 0.12:
        return None
    return str(
        {
            "first_name": lambda: rng.choice(_FIRST_NAMES),
            "phone": lambda: f"+1 {rng.choice(('212', '415', '607'))}-555-{rng.randrange(100, 200):04d}",
            "email": lambda: f"u{rng.randrange(10_000)}@{rng.choice(('works', 'mills', 'quay'))}.example",
            "street": lambda: "\n".join(rng.sample(_STREETS, rng.randrange(1, 4))),
            "city": lambda: rng.choice(_CITIES),
            "state": lambda: rng.choice(list(STATES)),
            "postal_code": lambda: f"{rng.randrange(10_000, 99_999)}",
            "country": lambda: rng.choice(["US", "US", "GB", "DE"]),
            "title": lambda: rng.choice(_TITLES),
            "salutation": lambda: rng.choice(_SALUTATIONS),
            "notes": lambda: f"Remark {rng.randrange(10_000)}: {rng.choice(_WORDS)}",
        }[kind]()
    )


def respell(rng: Random, kind: str, value: str, side: str) -> str:
    """The same value in another form, as far as the side takes it."""
    if kind == "phone":
        digits = re.sub(r"\D", "", value)
        forms = ("+{0} ({1}) {2}-{3}", "+{0}.{1}.{2}.{3}", "+{0}{1}{2}{3}", "+{0} {1} {2} {3}")
        return rng.choice(forms).format(digits[:1], digits[1:4], digits[4:7], digits[7:])
    if kind == "state":
        return rng.choice([value, STATES.get(value, value), STATES.get(value, value).upper()])
    if kind == "country" and side == "salesforce":
        return rng.choice([value, COUNTRIES.get(value, value)])
    if kind == "email":
        return rng.choice([value, value.upper(), value.title()])
    if kind == "street" and side == "salesforce":
        return value.replace("\n", rng.choice(["\r\n", ", ", "\n"]))
    if kind in ("name", "city", "title", "first_name") and rng.random() < 0.7:
        return f" {value.replace(' ', '  ')} "
    return value


def meaning(kind: str, value: object) -> str | None:
    """What a value says, whatever its spelling; None for nothing. A sequence is an address of several lines."""
    if isinstance(value, list | tuple):
        return meaning(kind, "\n".join(str(part) for part in value if part))
    text = unicodedata.normalize("NFC", str(value)) if value is not None else ""
    text = " ".join(text.split()) if kind != "street" else text
    if not text.strip():
        return None
    if kind == "phone":
        return re.sub(r"\D", "", text)
    if kind == "email":
        return text.casefold()
    if kind == "state":
        return {name.casefold(): code for code, name in STATES.items()}.get(text.casefold(), text.upper())
    if kind == "country":
        return {name.casefold(): code for code, name in COUNTRIES.items()}.get(text.casefold(), text.upper())
    if kind == "postal_code":
        return text.upper()
    if kind == "street":
        return "\n".join(" ".join(line.split()) for line in re.split(r"[\r\n,]+", text) if line.strip())
    return text


def mark_of(text: object) -> str:
    """The token a name carries: its first word, whatever was put around it."""
    words = re.findall(r"[a-zA-Z]+", str(text or ""))
    return words[0].capitalize() if words else ""
