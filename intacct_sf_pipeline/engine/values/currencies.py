"""How many digits after the point an amount has, by its currency. Source: ISO 4217, minor units."""

from __future__ import annotations

from typing import Final

_USUAL: Final = 2
_OTHER: Final = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
_DIGITS: Final = {code: digits for digits, codes in _OTHER.items() for code in codes.split()}


def digits_of(currency: str) -> int:
    """Digits after the point of an amount in `currency` (an ISO code, in any letter case); 2 where none is known."""
    return _DIGITS.get(currency.upper(), _USUAL)
