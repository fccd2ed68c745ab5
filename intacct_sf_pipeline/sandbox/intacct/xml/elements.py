"""Builds and writes the elements of replies: text that XML cannot hold is replaced, so that any value can be shown."""

import re
from collections.abc import Iterable
from html import escape
from xml.etree.ElementTree import Element

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def leaf(name: str, text: str | None = "") -> Element:
    """An element around text; None and "" are both an empty element, as the service shows them."""
    element = Element(name)
    if text:
        element.text = _NOT_XML.sub("?", text)
    return element


def branch(name: str, children: Iterable[Element] = ()) -> Element:
    """An element around elements."""
    element = Element(name)
    element.extend(children)
    return element


def serialized(root: Element, *, whitespace: bool) -> str:
    """An element as text, each element on a line of its own if `whitespace`; an empty one as a pair of tags.

    Carriage returns are written as references, else a reader would take them for line ends (XML 1.0, 2.11).
    Several times faster than the library's own writer, which looks for namespaces: pages have tens of thousands of
    elements.
    """
    out: list[str] = []
    _write(root, out, "\n" if whitespace else "", "    " if whitespace else "")
    return "".join(out).replace("\r", "&#13;")


def _write(element: Element, out: list[str], line: str, step: str) -> None:
    tag = element.tag
    told = "".join([f' {name}="{escape(value)}"' for name, value in element.items()]) if element.attrib else ""
    if not len(element):
        out.append(f"<{tag}{told}>{escape(element.text or '', quote=False)}</{tag}>")
        return
    out.append(f"<{tag}{told}>")
    inner = line + step
    for child in element:
        out.append(inner)
        _write(child, out, inner, step)
    out.append(f"{line}</{tag}>")
