"""The words of a name that count when records look for their partner; what people write differently is gone.

Far coarser than the canonical value: case, accents, punctuation, legal forms ("Inc", "GmbH & Co. KG"), "and" in its
languages and usual abbreviations do not count for companies; forms of address do not for people; for goods every word
and number does.
"""

from __future__ import annotations

import re
from functools import lru_cache

from intacct_sf_pipeline.engine.values.text import unaccented
from intacct_sf_pipeline.model.fields import MatchForm

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
_SHORT = """
    bros:brothers intl:international natl:national mfg:manufacturing mfrs:manufacturers svc:services svcs:services
    service:services assoc:associates assocs:associates ctr:center centre:center mgmt:management grp:group hldg:holding
    hldgs:holdings labs:laboratories lab:laboratory bldg:building bldrs:builders equip:equipment dist:distribution
    distr:distribution transp:transport univ:university hosp:hospital gov:government tech:technology
    technologies:technology sys:systems st:saint ste:sainte ft:fort mt:mount gebr:gebruder hnos:hermanos
    ets:etablissements
"""
_LEGAL_FORMS = frozenset(_FORMS.split())
_LEGAL_PHRASES = tuple(tuple(form.split()) for form in _SPELT_OUT.split(","))
_PHRASE_ENDS = frozenset(phrase[-1] for phrase in _LEGAL_PHRASES)
_LEADING = frozenset(["the", "fa", "firma", "pt", "ooo", "oao", "zao", "pao", "sarl", "eurl", "ltda"])
_AND = frozenset(["and", "und", "et", "och", "og", "y", "e", "i", "en"])
_GLUED = ("株式会社", "有限会社", "合同会社", "(株)", "㈱", "有限公司", "주식회사", "(주)")
_LONG = dict(pair.split(":") for pair in _SHORT.split())
_ADDRESS = frozenset(
    [
        "dr",
        "prof",
        "mr",
        "mrs",
        "ms",
        "miss",
        "herr",
        "frau",
        "hr",
        "fr",
        "ing",
        "dipl",
        "mme",
        "mlle",
        "sr",
        "sra",
        "pan",
        "pani",
        "dhr",
        "mevr",
    ]
)
_MARKS = str.maketrans({".": "", "'": "", "’": "", "`": "", "&": " and ", "+": " and "})
_ASCII = {code: char.lower() if (char := chr(code)).isalnum() else " " for code in range(128)} | _MARKS
_NOT_WORD = re.compile(r"[^\w]+|_+")
_TITLE_MARKS = str.maketrans({"'": "", "’": "", "`": "", "&": " and ", "⁄": "/"})
_TITLE_WORD = re.compile(r"\d+(?:[.,/]\d+)*|[^\W\d_]+|[#+]")
_DIGRAPHS = re.compile("([aou])e|aa")


@lru_cache(maxsize=8_192)
def name_words(name: str, form: MatchForm) -> tuple[str, ...]:
    """The words of `name` that count, in their order; never empty as long as `name` holds a letter or digit."""
    if form is MatchForm.TITLE:
        plain = unaccented(name.translate(_TITLE_MARKS)).translate(_TITLE_MARKS)
        return tuple(word.replace(",", ".") for word in _TITLE_WORD.findall(plain))
    if form is MatchForm.COMPANY:
        return tuple(_company(_without_glued(name)))
    words = plain_words(name)
    return tuple(_person(words)) if form is MatchForm.PERSON else tuple(words)


def plain_words(text: str) -> list[str]:
    """Letters and digits in words, without case, accents and punctuation."""
    if text.isascii():  # all of what follows at once
        return text.translate(_ASCII).split()
    return _NOT_WORD.sub(" ", unaccented(text).translate(_MARKS)).split()


@lru_cache(maxsize=8_192)
def partnership_part(name: str) -> str:
    """What a German name is of a limited partnership: all of it ("kg"), maybe its general partner ("gmbh"), or "".

    "Holt GmbH" and "Holt GmbH & Co. KG" share name, house and telephone, and are two companies.
    """
    if "g" not in name.casefold()[-5:]:
        return ""
    words = plain_words(name)
    last = words[-1] if words else ""
    return last if last == "gmbh" or (last == "kg" and "co" in words) else ""


def _company(name: str) -> list[str]:
    words = _without_legal_forms(plain_words(name))
    while len(words) > 1 and words[0] in _LEADING:
        words = words[1:]
    inner = [word for word in words[1:-1] if word not in _AND]
    kept = [*words[:1], *inner, *words[1:][-1:]]
    bare = [word for word in kept if word != "and"] or kept
    return [_LONG.get(word, word) for word in bare]


def _person(words: list[str]) -> list[str]:
    """Without forms of address in front; "Sr." behind a name is no "Señor"."""
    while len(words) > 1 and words[0] in _ADDRESS:
        words = words[1:]
    return words


@lru_cache(maxsize=8_192)
def undigraphed(word: str) -> str:
    """`without_digraphs`, remembered: the words of names come again and again."""
    return without_digraphs(word)


def without_digraphs(word: str) -> str:
    """An umlaut written as two letters ("Mueller", "Aalborg") as it is without its dots."""
    if len(word) <= 2 or not ("ae" in word or "oe" in word or "ue" in word or "aa" in word):
        return word
    return _DIGRAPHS.sub(_single, word)


def _single(found: re.Match[str]) -> str:
    return found[1] or "a"


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
