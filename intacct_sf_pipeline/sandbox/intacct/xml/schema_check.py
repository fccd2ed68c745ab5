"""The request schema, as far as this gateway checks it: which children an element has, in which order.

A check returns findings, one text each, as a schema validator words them; `door` answers them as `XL03000003` before
anything runs. Source: the reference, 2, 3.4, 4.1 ("Element 'value': This element is not expected").
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias
from xml.etree.ElementTree import Element

Check: TypeAlias = Callable[[Element], list[str]]
"""Findings about one element; none when it fits."""


@dataclass(frozen=True)
class Child:
    """A child element: how often it may come, and what its own check is.

    Attributes:
        name: its tag.
        least, most: how often; `most` None for any number.
        check: of the child itself.
    """

    name: str
    least: int = 1
    most: int | None = 1
    check: Check | None = None


def optional(name: str, check: Check | None = None) -> Child:
    """A child that may be missing."""
    return Child(name, 0, 1, check)


def unexpected(name: str, expected: Sequence[str]) -> str:
    """The finding about an element that may not be there."""
    return f"Element '{name}': This element is not expected.{_expected(expected)}"


def missing(parent: str, expected: Sequence[str]) -> str:
    """The finding about an element that lacks children."""
    return f"Element '{parent}': Missing child element(s).{_expected(expected)}"


def bad_value(name: str, value: str, kind: str) -> str:
    """The finding about a text that is not of its type."""
    return f"Element '{name}': '{value}' is not a valid value of the atomic type '{kind}'."


def in_order(element: Element, *children: Child) -> list[str]:
    """Findings about children that must come in this order (an XSD sequence)."""
    findings: list[str] = []
    given = list(element)
    at = 0
    for place, child in enumerate(children):
        count = 0
        while at < len(given) and given[at].tag == child.name and (child.most is None or count < child.most):
            findings += child.check(given[at]) if child.check is not None else []
            at, count = at + 1, count + 1
        if count < child.least:
            wanted = [child.name]
            return [*findings, unexpected(given[at].tag, wanted) if at < len(given) else missing(element.tag, wanted)]
        if count == 0:
            continue
        if at < len(given) and given[at].tag in {earlier.name for earlier in children[: place + 1]}:
            return [*findings, unexpected(given[at].tag, [later.name for later in children[place + 1 :]])]
    if at < len(given):
        findings.append(unexpected(given[at].tag, ()))
    return findings


def in_any_order(element: Element, *children: Child) -> list[str]:
    """Findings about children that may come in any order (an XSD all)."""
    findings: list[str] = []
    known = {child.name: child for child in children}
    counts = dict.fromkeys(known, 0)
    for given in element:
        child = known.get(given.tag)
        if child is None or (child.most is not None and counts[given.tag] >= child.most):
            findings.append(unexpected(given.tag, [name for name, count in counts.items() if not count]))
            continue
        counts[given.tag] += 1
        findings += child.check(given) if child.check is not None else []
    lacking = [child.name for child in children if counts[child.name] < child.least]
    return [*findings, missing(element.tag, lacking)] if lacking else findings


def one_of(element: Element, *children: Child) -> list[str]:
    """Findings about an element that has exactly one of these children (an XSD choice)."""
    names = [child.name for child in children]
    given = list(element)
    if not given:
        return [missing(element.tag, names)]
    found = next((child for child in children if child.name == given[0].tag), None)
    if found is None:
        return [unexpected(given[0].tag, names)]
    if len(given) > 1:
        return [unexpected(given[1].tag, ())]
    return found.check(given[0]) if found.check is not None else []


def whole_number(least: int, most: int | None = None) -> Check:
    """The check of an element that holds an integer within bounds."""

    def check(element: Element) -> list[str]:
        text = (element.text or "").strip()
        digits = text.removeprefix("-").removeprefix("+")
        if not digits.isascii() or not digits.isdigit():
            return [bad_value(element.tag, text, "xs:integer")]
        if int(text) < least:
            return [f"Element '{element.tag}': The value '{text}' is less than the minimum value allowed ('{least}')."]
        if most is not None and int(text) > most:
            return [
                f"Element '{element.tag}': The value '{text}' is greater than the maximum value allowed ('{most}')."
            ]
        return []

    return check


def boolean(element: Element) -> list[str]:
    """The check of an element that holds `true` or `false`."""
    text = (element.text or "").strip()
    return [] if text in ("true", "false") else [bad_value(element.tag, text, "xs:boolean")]


def one_word(*words: str) -> Check:
    """The check of an element that holds one of these words."""

    def check(element: Element) -> list[str]:
        text = (element.text or "").strip()
        if text in words:
            return []
        listed = ", ".join(f"'{word}'" for word in words)
        return [f"Element '{element.tag}': The value '{text}' is not an element of the set {{{listed}}}."]

    return check


def filled(element: Element) -> list[str]:
    """The check of an element that must hold text."""
    return [] if (element.text or "").strip() else [f"Element '{element.tag}': The value has a length of '0'."]


def _expected(names: Sequence[str]) -> str:
    if not names:
        return ""
    one = "one of " if len(names) > 1 else ""
    return f" Expected is {one}( {', '.join(names)} )."
