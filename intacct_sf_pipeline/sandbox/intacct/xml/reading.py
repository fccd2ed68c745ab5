"""Reads a request's XML without anything that could reach outside it: no DTD, no entities, bounded depth.

The tree is `xml.etree`; names are as written.
"""

from typing import NoReturn
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

DEEPEST = 60


class NotXmlError(ValueError):
    """The text is not XML that this door takes."""


class _Builder:
    """Builds the tree of one document and refuses what would grow without bound."""

    def __init__(self) -> None:
        self._tree = TreeBuilder()
        self._depth = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > DEEPEST:
            raise NotXmlError("the document is nested too deeply")
        self._tree.start(name, attributes)

    def end(self, name: str) -> None:
        self._depth -= 1
        self._tree.end(name)

    def data(self, text: str) -> None:
        self._tree.data(text)

    def close(self) -> Element:
        return self._tree.close()


def read(document: bytes) -> Element:
    """The root element.

    Raises:
        NotXmlError: no well-formed XML, or with a document type declaration (and so perhaps entities).
    """
    builder = _Builder()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.EntityDeclHandler = _refuse_entity
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.data
    try:
        parser.Parse(document, True)
    except (expat.ExpatError, LookupError, ValueError) as error:
        raise NotXmlError(str(error)) from None
    return builder.close()


def _refuse_doctype(*_: object) -> NoReturn:
    raise NotXmlError("a document type declaration is not accepted")


def _refuse_entity(*_: object) -> NoReturn:
    raise NotXmlError("entity declarations are not accepted")
