"""The word that was probably meant."""

from __future__ import annotations

from collections.abc import Collection

from rapidfuzz import fuzz, process

_CLOSE = 70
_MOST_LISTED = 24


def closest(word: str, known: Collection[str]) -> str | None:
    """The known word most like `word`, if one is like it at all; case is ignored."""
    found = process.extractOne(word, list(known), scorer=fuzz.ratio, processor=str.casefold, score_cutoff=_CLOSE)
    return str(found[0]) if found else None


def did_you_mean(word: str, known: Collection[str]) -> str:
    """What to write instead of the unknown `word`: the closest known one, or the choices."""
    close = closest(word, known)
    if close is not None:
        return f"Did you mean {close!r}?"
    listed = sorted(known)
    more = ", ..." if len(listed) > _MOST_LISTED else ""
    return f"Known: {', '.join(listed[:_MOST_LISTED])}{more}" if listed else ""
