"""The form in which records look for their partner: what people write differently for one company or person is gone.

Two records with equal forms may be one; that a key is unique on both sides, and the match rules, decide.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from functools import lru_cache, partial

from intacct_sf_pipeline.engine.matching.name_words import name_words, plain_words, without_digraphs
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
    return form_of_text(field_type, form)(canonical)


def form_of_text(field_type: FieldType, form: MatchForm) -> Callable[[str], str | None]:
    """How a text of this type comes to its match form."""
    if field_type is FieldType.TEXT:
        return _TEXT_FORMS[form]
    return _FORMS.get(field_type, _as_it_is)


def _phone_form(number: str) -> str | None:
    return number.partition(";")[0] or None


def _words_form(text: str) -> str | None:
    return "".join(plain_words(text)) or None


def _as_it_is(text: str) -> str | None:
    return text


def _bare_form(form: MatchForm, text: str) -> str | None:
    """As a company "ACME & Söhne GmbH" is "acme and soehne"."""
    joined = "".join(name_words(text, form))
    return (without_digraphs(joined) if form in _WITHOUT_DIGRAPHS else joined) or None


def _title_form(text: str) -> str | None:
    """As a title "1.5 l" is not "15 l"."""
    return " ".join(name_words(text, MatchForm.TITLE)) or None


def _code_form(text: str) -> str | None:
    """Repeated until it is its own form: a blank that goes may bring a letter and its accent together."""
    if text.isascii():
        return "".join(text.lower().split()) or None
    form = text
    for _ in range(_SETTLED_AFTER):
        again = "".join(unicodedata.normalize("NFKC", form).casefold().translate(_DASHES).split())
        if again == form:
            break
        form = again
    return form or None


@lru_cache(maxsize=8_192)
def _postal_form(code: str) -> str | None:
    if zip_code := _ZIP_PLUS_4.fullmatch(code):
        return zip_code[1]
    return "".join(char for char in code.upper() if char.isalnum()) or None


_WITHOUT_DIGRAPHS = frozenset({MatchForm.COMPANY, MatchForm.PERSON})
_TEXT_FORMS: dict[MatchForm, Callable[[str], str | None]] = {
    **{form: partial(_bare_form, form) for form in MatchForm},
    MatchForm.CODE: _code_form,
    MatchForm.TITLE: _title_form,
}
_FORMS: dict[FieldType, Callable[[str], str | None]] = {
    FieldType.PHONE: _phone_form,
    FieldType.POSTAL_CODE: _postal_form,
    **dict.fromkeys((FieldType.MULTILINE, FieldType.STREET, FieldType.STATE), _words_form),
}
