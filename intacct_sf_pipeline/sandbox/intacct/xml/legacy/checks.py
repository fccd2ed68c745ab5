"""The schema of the legacy functions: children strictly in order, attributes required. Source: request schema 3.0."""

from collections.abc import Callable, Sequence
from xml.etree.ElementTree import Element

from intacct_sf_pipeline.sandbox.intacct.xml.legacy import models
from intacct_sf_pipeline.sandbox.intacct.xml.legacy.models import Part
from intacct_sf_pipeline.sandbox.intacct.xml.schema_check import Check, Child, in_order, one_of

_BOOLEANS = ("ignoreduplicates", "set_nulls", "externalkey")


def ordered(parts: Sequence[Part], *attributes: str) -> Check:
    """The check of a function whose children come in this order and that needs these attributes."""
    children = tuple(Child(part.tag, int(part.required), 1, _CONTENT.get(part.kind)) for part in parts)

    def check(element: Element) -> list[str]:
        return [*_attributes(element, attributes), *in_order(element, *children)]

    return check


def empty(*attributes: str) -> Check:
    """The check of a function that has attributes only."""
    return ordered((), *attributes)


def _attributes(element: Element, needed: Sequence[str]) -> list[str]:
    at = f"Element '{element.tag}'"
    lacking = [f"{at}: The attribute '{name}' is required but missing." for name in needed if element.get(name) is None]
    given = {name: element.get(name, "false") for name in _BOOLEANS}
    wrong = [
        f"{at}, attribute '{name}': The value '{text}' is not an element of the set {{'true', 'false'}}."
        for name, text in given.items()
        if text not in ("true", "false")
    ]
    return lacking + wrong


def split_date(element: Element) -> list[str]:
    """Findings about a date split into year, month and day."""
    return in_order(element, Child("year"), Child("month"), Child("day"))


def _address(element: Element) -> list[str]:
    return in_order(element, *(Child(part.tag, 0) for part in models.ADDRESS_PARTS))


def _contact(element: Element) -> list[str]:
    inline = Child("contact", check=ordered(models.INLINE_CONTACT))
    return one_of(element, inline, Child("contactname"))


def _contact_list(element: Element) -> list[str]:
    item = Child("contactitem", 0, None, lambda found: in_order(found, Child("category"), Child("contactname")))
    return in_order(element, item)


def _custom(element: Element) -> list[str]:
    pair = Child("customfieldname"), Child("customfieldvalue")
    return in_order(element, Child("customfield", 0, None, lambda found: in_order(found, *pair)))


def _files(element: Element) -> list[str]:
    return in_order(element, Child("attachment", 0, None, ordered(models.FILE)))


_CONTENT: dict[str, Callable[[Element], list[str]]] = {
    models.DATE: split_date,
    models.ADDRESS: _address,
    models.CONTACT_REF: _contact,
    models.CONTACT_LIST: _contact_list,
    models.CUSTOM: _custom,
    models.FILES: _files,
}
