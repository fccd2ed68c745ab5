"""Salesforce record ids: 15 characters with meaningful case, or 18 with three check characters. Always kept as 18.

Source: Object Reference, ID field type.
"""

from __future__ import annotations

import re
from typing import Final

_ALPHABET: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_SHAPE: Final = re.compile(r"[0-9A-Za-z]{15}")
ACCOUNT_PREFIX: Final = "001"
SHORT: Final = 15


def full_id(text: str) -> str:
    """The 18-character form of an id; a text that is no 15-character id is given back as it is."""
    return text + check_characters(text) if len(text) == SHORT and _SHAPE.fullmatch(text) else text


def is_id_column(column: str) -> bool:
    """Whether a standard column, or one of a parent, holds record ids; custom references are not told by their name."""
    return column.endswith("Id")


def check_characters(short: str) -> str:
    """Three characters, one per five of the id: bit k of each says that character k is a capital letter."""
    blocks = (short[start : start + 5] for start in (0, 5, 10))
    return "".join(
        _ALPHABET[sum(1 << bit for bit, letter in enumerate(block) if "A" <= letter <= "Z")] for block in blocks
    )
