"""Text in the form in which two systems can be compared: composed characters, no stray blanks, one kind of line end.

Case and wording stay: a corrected capital is a change. Source: Salesforce reference, section 12.7 (services trim
text, turn blank text into null and may rewrite line ends).
"""

from __future__ import annotations

import re
import unicodedata

ZERO_WIDTH = "\u200b\u200c\u200d\u2060\ufeff"
BLANKS = (
    "\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)
"""Every character that `str.split` takes for a blank."""

_ENDS = BLANKS + ZERO_WIDTH
_COMMA_OR_LINE = re.compile(r"\r\n|\r|\n|,(?=\s|$)")
_LINE = re.compile(r"\r\n|\r|\n")
_DIVIDED = re.compile(r"[,\r\n]")


def composed(text: str) -> str:
    """`text` in Unicode normal form C."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def single_line(text: str) -> str | None:
    """One line: ends trimmed (of zero-width blanks too), runs of blanks as one space; None when nothing is left."""
    if text.isascii():  # nothing to compose, no zero-width blank
        return " ".join(text.split()) or None
    return " ".join(composed(text).strip(_ENDS).split()) or None


def multiline(text: str) -> str | None:
    """Lines ended by LF, without blanks at their ends or around the whole; None when nothing is left."""
    if "\n" not in text and "\r" not in text:
        return composed(text).strip(_ENDS) or None
    lines = (line.rstrip(_ENDS) for line in _LINE.split(composed(text)))
    return "\n".join(lines).strip(_ENDS) or None


def street(text: str) -> str | None:
    """The parts of an address, one a line, whether commas or lines divided them; None when nothing is left."""
    if text.isascii() and not _DIVIDED.search(text):  # one part, without a comma to cut off
        return " ".join(text.split()) or None
    parts = (" ".join(part.strip(_ENDS + ",").split()) for part in _COMMA_OR_LINE.split(composed(text)))
    return "\n".join(part for part in parts if part) or None


def lines_of(text: str) -> list[str]:
    """The lines of `text` as they were typed, trimmed, empty ones left out."""
    lines = (single_line(line) for line in _LINE.split(text))
    return [line for line in lines if line]


def email(text: str) -> str | None:
    """An e-mail address in lower case."""
    line = single_line(text)
    return composed(line.lower()) if line else None


def unaccented(text: str) -> str:
    """`text` case-folded and without accents: "Łódź" and "LODZ" are one (the marks of kana, no accents, stay)."""
    if text.isascii():
        return text.casefold()
    folded = unicodedata.normalize("NFKD", text.translate(_LETTERS)).casefold().translate(_LETTERS)
    kept = (
        char for char in unicodedata.normalize("NFKD", folded) if char in _KANA_MARKS or not unicodedata.combining(char)
    )
    return unicodedata.normalize("NFC", "".join(kept))


_KANA_MARKS = "\u3099\u309a"
_LETTERS = str.maketrans(
    {
        "ß": "ss", "ẞ": "ss", "ø": "o", "Ø": "o", "ł": "l", "Ł": "l", "đ": "d", "Đ": "d", "ð": "d", "Ð": "d", "þ": "th",
        "Þ": "th", "æ": "ae", "Æ": "ae", "œ": "oe", "Œ": "oe", "ı": "i", "ħ": "h", "Ħ": "h", "ŧ": "t", "Ŧ": "t",
        "ŋ": "n", "Ŋ": "n",
    }
)  # fmt: skip
