"""Reads switches of the XML gateway from texts such as `gmt_offset=-08:00`, as the command line gives them."""

from collections.abc import Iterable
from dataclasses import fields, replace
from types import NoneType, UnionType
from typing import Literal, get_args, get_origin, get_type_hints

from intacct_sf_pipeline.sandbox.intacct.options import XmlOptions
from intacct_sf_pipeline.sandbox.intacct.xml.formats import parse_offset

_WORDS = {"true": True, "on": True, "yes": True, "false": False, "off": False, "no": False}
_NONE = ("", "none")
_ORDERS = ("mdY", "dmY", "Ymd", "mdy", "dmy", "ymd")


def parse_switches(texts: Iterable[str], base: XmlOptions | None = None) -> XmlOptions:
    """Switches with those of `texts` set, each `NAME=VALUE`; `-` and `_` in names are the same.

    Raises:
        ValueError: an unknown name, or a value that does not fit it; the message says what would.
    """
    kinds = get_type_hints(XmlOptions)
    known = {field.name for field in fields(XmlOptions)}
    given: dict[str, object] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        name = name.strip().replace("-", "_")
        if name not in known or not equals:
            message = (
                f"{text!r} is no switch of the XML gateway; write NAME=VALUE with one of {', '.join(sorted(known))}"
            )
            raise ValueError(message)
        given[name] = _value(name, kinds[name], value.strip())
    return replace(base or XmlOptions(), **given)  # type: ignore[arg-type] # each value was read by its field's type


def _value(name: str, kind: object, text: str) -> object:
    if isinstance(kind, UnionType):
        if text.casefold() in _NONE:
            return None
        kind = next(part for part in get_args(kind) if part is not NoneType)
    if get_origin(kind) is Literal:
        return _one_of(name, text, get_args(kind))
    if kind is bool:
        return _WORDS[_one_of(name, text.casefold(), tuple(_WORDS))]
    if kind in (int, float):
        return _number(name, text, whole=kind is int)
    if name == "gmt_offset":
        parse_offset(text)
    if name == "date_format" and (len(text) != len("/mdY") or text[1:] not in _ORDERS):
        message = f"date_format must be a separator and one of {', '.join(_ORDERS)}, not {text!r}"
        raise ValueError(message)
    return text


def _one_of(name: str, text: str, words: tuple[str, ...]) -> str:
    if text not in words:
        message = f"{name} must be one of {', '.join(word or 'nothing' for word in words)}, not {text!r}"
        raise ValueError(message)
    return text


def _number(name: str, text: str, *, whole: bool) -> int | float:
    try:
        number = int(text) if whole else float(text)
    except ValueError:
        number = -1
    if not 0 <= number < float("inf"):
        message = f"{name} must be a {'whole ' if whole else ''}number from 0 on, not {text!r}"
        raise ValueError(message)
    return number
