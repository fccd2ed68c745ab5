"""XML in and out: elements built from text that may hold anything, replies parsed without DTD, entities or excess.

Source: XML 1.0, 2.2 (characters) and 2.11 (line ends); connector rules, "harden the XML parser".
"""

from __future__ import annotations

import re
from typing import Final
from xml.etree.ElementTree import Element, ParseError, TreeBuilder, XMLParser, tostring

MOST_BYTES: Final = 256 * 1024 * 1024
"""No page of 2,000 rows comes near this; what is larger is not parsed."""

_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class NotXmlError(ValueError):
    """The content is not well-formed XML, is too large, or holds what no reply of the gateway holds (a DTD)."""


def element(name: str, text: str | None = None, *children: Element, **attributes: str) -> Element:
    """An element with text or children; characters that XML cannot hold are left out of the text."""
    made = Element(name, attributes)
    if text:
        made.text = _ILLEGAL.sub("", text)
    made.extend(children)
    return made


def render(root: Element) -> bytes:
    """A document in UTF-8 with declaration; carriage returns survive the reader's line-end rule."""
    content: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return content.replace(b"\r", b"&#13;")


def parse(content: bytes) -> Element:
    """The root element of a reply.

    Raises:
        NotXmlError: see there.
    """
    if len(content) > MOST_BYTES:
        raise NotXmlError("the reply is too large")
    parser = XMLParser(target=_PlainTree())  # noqa: S314 - declarations, the way of every known attack, are refused
    try:
        parser.feed(content)
        root = parser.close()
    except (ParseError, ValueError, LookupError) as error:
        raise NotXmlError(type(error).__name__) from None
    if not isinstance(root, Element):
        raise NotXmlError("no element")
    return root


class _PlainTree(TreeBuilder):
    """Builds a tree of elements and text; a document type declaration, and so any entity of its own, is refused."""

    def doctype(self, *_: str | None) -> None:
        """Called where a declaration begins, before anything in it is read."""
        raise NotXmlError("a document type declaration")


def text_of(parent: Element | None, name: str) -> str:
    """The text of a child, empty when there is none."""
    found = None if parent is None else parent.find(name)
    return "" if found is None else (found.text or "").strip()
