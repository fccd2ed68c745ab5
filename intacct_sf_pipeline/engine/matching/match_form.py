"""The form in which records look for their partner: what people write differently for one company or person is gone.

Two records with equal forms may be one; that a key is unique on both sides, and the match rules, decide.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime
from decimal import Decimal

from intacct_sf_pipeline.engine.matching.name_words import name_words, plain_words, undigraphed
from intacct_sf_pipeline.model.fields import FieldType, MatchForm
from intacct_sf_pipeline.model.records import Canonical

FORMS_VERSION = "2"
"""Part of what a staged record depends on: raise it when forms or search keys change, and records are staged anew."""

_SETTLED_AFTER = 5
_ZIP_PLUS_4 = re.compile(r"(\d{5})-\d{4}")
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−", "-"))


def match_form(field_type: FieldType, canonical: Canonical, form: MatchForm = MatchForm.WORDS) -> str | None:
    """The match form of a canonical value; None when nothing is left to match by. `form` is for texts."""
    if canonical is None:
        return None
    if isinstance(canonical, Decimal):
        return f"{canonical.normalize():f}"
    if isinstance(canonical, datetime):
        return canonical.isoformat()
    if isinstance(canonical, bool):
        return str(canonical).lower()
    if field_type is FieldType.TEXT:
        return _text_form(canonical, form)
    if field_type is FieldType.PHONE:
        return canonical.partition(";")[0] or None
    if field_type is FieldType.POSTAL_CODE:
        return _postal_form(canonical)
    if field_type in _BY_WORDS:
        return "".join(plain_words(canonical)) or None
    return canonical


def _text_form(text: str, form: MatchForm) -> str | None:
    """As a company "ACME & Söhne GmbH" is "acme and soehne"; as a title "1.5 l" is not "15 l"."""
    if form is MatchForm.CODE:
        return _code_form(text) or None
    words = name_words(text, form)
    if form is MatchForm.TITLE:
        return " ".join(words) or None
    joined = "".join(words)
    return (undigraphed(joined) if form in _WITHOUT_DIGRAPHS else joined) or None


def _code_form(text: str) -> str:
    """Repeated until it is its own form: a blank that goes may bring a letter and its accent together."""
    form = text
    for _ in range(_SETTLED_AFTER):
        again = "".join(unicodedata.normalize("NFKC", form).casefold().translate(_DASHES).split())
        if again == form:
            break
        form = again
    return form


def _postal_form(code: str) -> str | None:
    if zip_code := _ZIP_PLUS_4.fullmatch(code):
        return zip_code[1]
    return "".join(char for char in code.upper() if char.isalnum()) or None


_WITHOUT_DIGRAPHS = frozenset({MatchForm.COMPANY, MatchForm.PERSON})
_BY_WORDS = frozenset({FieldType.MULTILINE, FieldType.STREET, FieldType.STATE})
