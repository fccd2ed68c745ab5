"""Reading and writing XML: a reader that takes neither DTD nor entities, and a writer for results.

What belongs here: XML itself. Envelopes are in `door`, operations in `calls`.
"""

import re
from html import escape
from typing import NoReturn
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

DEEPEST = 50
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class XmlError(ValueError):
    """The text is not XML that this door takes."""


class _Builder:
    """Builds the tree of one document and refuses what could reach outside it or grow without bound."""

    def __init__(self) -> None:
        self._tree = TreeBuilder()
        self._depth = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > DEEPEST:
            raise XmlError("the document is nested too deeply")
        self._tree.start(_clark(name), {_clark(key): value for key, value in attributes.items()})

    def end(self, name: str) -> None:
        self._depth -= 1
        self._tree.end(_clark(name))

    def data(self, text: str) -> None:
        self._tree.data(text)

    def close(self) -> Element:
        return self._tree.close()


def read(document: bytes) -> Element:
    """The root element; names are `{namespace}local`.

    Raises:
        XmlError: no well-formed XML, or with a document type declaration (and so perhaps entities).
    """
    builder = _Builder()
    parser = expat.ParserCreate(namespace_separator="}")
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.EntityDeclHandler = _refuse_entity
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.data
    try:
        parser.Parse(document, True)
    except (expat.ExpatError, LookupError, ValueError) as error:
        raise XmlError(str(error)) from None
    return builder.close()


def local(element: Element) -> str:
    """The name of an element without its namespace."""
    return element.tag.rpartition("}")[2]


def children(element: Element | None, name: str) -> list[Element]:
    """The child elements of that local name, whatever their namespace."""
    return [] if element is None else [child for child in element if local(child) == name]


def child(element: Element | None, name: str) -> Element | None:
    """The first child element of that local name."""
    return next(iter(children(element, name)), None)


def text(element: Element | None) -> str:
    """The text of an element without blanks around it; empty when there is no element."""
    return (element.text or "").strip() if element is not None else ""


def tag(name: str, content: str) -> str:
    """An element around content that is XML already."""
    return f"<{name}>{content}</{name}>"


def leaf(name: str, value: object) -> str:
    """An element around text; characters that XML cannot hold become question marks."""
    shown = str(value).lower() if isinstance(value, bool) else str(value)
    return tag(name, escape(_NOT_XML.sub("?", shown), quote=False))


def _clark(name: str) -> str:
    return "{" + name if "}" in name else name


def _refuse_doctype(*_: object) -> NoReturn:
    raise XmlError("a document type declaration is not accepted")


def _refuse_entity(*_: object) -> NoReturn:
    raise XmlError("entity declarations are not accepted")
