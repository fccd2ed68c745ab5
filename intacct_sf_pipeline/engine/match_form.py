"""The form in which records look for their partner: what people write differently for one company or person is gone.

Far coarser than the canonical value: case, accents, punctuation, spaces and legal forms ("Inc", "GmbH & Co. KG") do
not count. Two records with equal forms may be one; that a key is unique on both sides, and the match rules, decide.
"""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal
from functools import lru_cache

from intacct_sf_pipeline.engine.text import unaccented
from intacct_sf_pipeline.model.fields import FieldType
from intacct_sf_pipeline.model.records import Canonical

_FORMS = """
    inc incorporated corp corporation co company llc llp lllp lp ltd limited plc pllc pc dba unlimited
    gmbh ggmbh mbh ag kg kgaa ohg gbr ug ev eg se ek
    sa sas sasu sarl eurl snc scs sca sci srl srls spa sapa bv nv vof cv bvba sprl scrl cvba
    ab oy oyj as asa aps ivs hf ehf ou uab sia pty pte pvt private bhd sdn tbk
    sro doo dd kft zrt nyrt bt spzoo spj spk ood eood ead ltda sl slu sau slp
    kk gk yk ooo oao zao pao
"""
_SPELT_OUT = """
    sp z oo, sp z o o, s a, b v, n v, s r l, s p a, a s, k k, l l c, s r o, d o o,
    s de rl de cv, sa de cv, sab de cv, sapi de cv, s de rl
"""
_LEGAL_FORMS = frozenset(_FORMS.split())
_LEGAL_PHRASES = tuple(tuple(form.split()) for form in _SPELT_OUT.split(","))
_GLUED = ("株式会社", "有限会社", "合同会社", "(株)", "㈱", "有限公司", "주식회사", "(주)")
_PHRASE_ENDS = frozenset(phrase[-1] for phrase in _LEGAL_PHRASES)
_MARKS = str.maketrans({".": "", "'": "", "’": "", "`": "", "&": " and ", "+": " and "})
_NOT_WORD = re.compile(r"[^\w]+|_+")
_ZIP_PLUS_4 = re.compile(r"(\d{5})-\d{4}")


def match_form(field_type: FieldType, canonical: Canonical) -> str | None:
    """The match form of a canonical value; None when nothing is left to match by."""
    if canonical is None:
        return None
    if isinstance(canonical, Decimal):
        return f"{canonical.normalize():f}"
    if isinstance(canonical, datetime):
        return canonical.isoformat()
    if isinstance(canonical, bool):
        return str(canonical).lower()
    if field_type is FieldType.TEXT:
        return name_form(canonical)
    if field_type is FieldType.PHONE:
        return canonical.partition(";")[0] or None
    if field_type is FieldType.POSTAL_CODE:
        return _postal_form(canonical)
    if field_type in _BY_WORDS:
        return "".join(_words(canonical)) or None
    return canonical


@lru_cache(maxsize=32_768)
def name_form(name: str) -> str | None:
    """The bare name: "ACME & Söhne GmbH" and "acme and sohne" are both "acmeandsohne"."""
    words = _words(_without_glued(name))
    bare = _without_legal_forms(words)
    return "".join(bare) or None


def _words(text: str) -> list[str]:
    return _NOT_WORD.sub(" ", unaccented(text).translate(_MARKS)).split()


def _without_legal_forms(words: list[str]) -> list[str]:
    """Cut legal forms off the end, as long as a name is left."""
    kept = words
    while len(kept) > 1:
        cut = 1 if kept[-1] == "and" else _legal_words(kept)
        if not cut:
            break
        kept = kept[: len(kept) - cut]
    return kept


def _legal_words(words: list[str]) -> int:
    """How many words at the end are a legal form, leaving at least one."""
    for phrase in _LEGAL_PHRASES if words[-1] in _PHRASE_ENDS else ():
        if len(words) > len(phrase) and tuple(words[-len(phrase) :]) == phrase:
            return len(phrase)
    return 1 if words[-1] in _LEGAL_FORMS else 0


def _without_glued(name: str) -> str:
    """Without the legal forms that East Asian names carry in front or behind without a space."""
    if name.isascii():
        return name
    bare = name.strip()
    for form in _GLUED * 2:
        shorter = bare.removeprefix(form).removesuffix(form).strip()
        bare = shorter or bare
    return bare


def _postal_form(code: str) -> str | None:
    if zip_code := _ZIP_PLUS_4.fullmatch(code):
        return zip_code[1]
    return "".join(char for char in code.upper() if char.isalnum()) or None


_BY_WORDS = frozenset({FieldType.MULTILINE, FieldType.STREET, FieldType.STATE})
