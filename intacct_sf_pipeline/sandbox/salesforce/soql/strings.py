"""String literals: escapes outside and inside LIKE.

Source: SOQL Ref, Quoted String Escape Sequences.
"""

from intacct_sf_pipeline.sandbox.salesforce.soql.ast import Pattern, Wildcard

_SIMPLE = {
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "b": "\b",
    "f": "\f",
    "N": "\n",
    "R": "\r",
    "T": "\t",
    "B": "\b",
    "F": "\f",
    '"': '"',
    "'": "'",
    "\\": "\\",
}
_HEX_DIGITS = 4


class BadEscapeError(ValueError):
    """A backslash followed by something that has no meaning."""


def read_text(quoted: str) -> str:
    """The text of a quoted literal."""
    return "".join(part for part in _pieces(quoted[1:-1], like=False) if isinstance(part, str))


def read_pattern(quoted: str) -> Pattern:
    """The pattern of a quoted LIKE operand; adjoining characters are one part."""
    parts: list[str | Wildcard] = []
    for piece in _pieces(quoted[1:-1], like=True):
        if isinstance(piece, str) and parts and isinstance(parts[-1], str):
            parts[-1] += piece
        else:
            parts.append(piece)
    return Pattern(tuple(parts))


def _pieces(body: str, *, like: bool) -> list[str | Wildcard]:
    pieces: list[str | Wildcard] = []
    position = 0
    while position < len(body):
        letter = body[position]
        position += 1
        if letter == "\\":
            text, used = _escape(body[position:], like=like)
            pieces.append(text)
            position += used
        elif like and letter in "%_":
            pieces.append(Wildcard(any_run=letter == "%"))
        else:
            pieces.append(letter)
    return pieces


def _escape(rest: str, *, like: bool) -> tuple[str, int]:
    letter = rest[:1]
    if letter in _SIMPLE:
        return _SIMPLE[letter], 1
    if like and letter in ("%", "_"):
        return letter, 1
    digits = rest[1 : 1 + _HEX_DIGITS]
    if letter in ("u", "U") and len(digits) == _HEX_DIGITS and all(d in "0123456789abcdefABCDEF" for d in digits):
        return chr(int(digits, 16)), 1 + _HEX_DIGITS
    raise BadEscapeError(f"Illegal character sequence '\\{letter}' in string literal")
