"""The values of the package: a custom field, a custom object, and the sizes Salesforce gives and asks for.

Source: Metadata API Developer Guide (CustomField, CustomObject); Salesforce Help, Custom Field Attributes and Custom
Field Types: labels of 40 characters, 1000 of description, 510 of help text, names of 40 before `__c`, text of 255,
numbers of 18 digits.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

LABEL_LENGTH: Final = 40
DESCRIPTION_LENGTH: Final = 1000
HELP_LENGTH: Final = 510
NAME_LENGTH: Final = 43
"""With `__c`."""
TEXT_LENGTH: Final = 255
LONG_TEXT_LENGTH: Final = 32_768
NUMBER_PRECISION: Final = 18
NUMBER_SCALE: Final = 4

_OWN: Final = re.compile(r"[A-Za-z](?:_?[A-Za-z0-9])*__c")
_PACKAGED: Final = re.compile(r"[A-Za-z](?:_?[A-Za-z0-9])*__[A-Za-z](?:_?[A-Za-z0-9])*__c")
_WORDS: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


class Kind(StrEnum):
    """A field type as metadata names it."""

    TEXT = "Text"
    LONG_TEXT = "LongTextArea"
    PHONE = "Phone"
    EMAIL = "Email"
    NUMBER = "Number"
    CHECKBOX = "Checkbox"
    DATE_TIME = "DateTime"
    PICKLIST = "Picklist"
    LOOKUP = "Lookup"


@dataclass(frozen=True, slots=True)
class CustomField:
    """One field to create.

    `help` is shown to people beside the field, `description` to administrators. `length` is for text, `precision` (all
    digits) and `scale` (those after the point) for numbers, `values` for picklists, `refers_to` (an object) for
    lookups. `editable`: the integration writes it. `named_by` says where the mapping names it, e.g. `stock.on_hand`.
    """

    object: str
    name: str
    kind: Kind
    help: str
    description: str = ""
    length: int | None = None
    precision: int | None = None
    scale: int | None = None
    values: tuple[str, ...] = ()
    refers_to: str = ""
    external_id: bool = False
    unique: bool = False
    editable: bool = True
    named_by: tuple[str, ...] = ()

    @property
    def full_name(self) -> str:
        """Object and field, as manifests and permission sets name it."""
        return f"{self.object}.{self.name}"

    @property
    def label(self) -> str:
        """The field's name for people."""
        return label_of(self.name)

    @property
    def type(self) -> str:
        """The type as Setup shows it: `Text(255)`, `Number(14, 4)` (digits before the point, after it), ..."""
        if self.kind is Kind.NUMBER:
            scale = self.scale or 0
            return f"Number({(self.precision or 0) - scale}, {scale})"
        if self.kind is Kind.LOOKUP:
            return f"Lookup({self.refers_to})"
        return f"{self.kind.value}({self.length})" if self.length is not None else self.kind.value


@dataclass(frozen=True, slots=True)
class CustomObject:
    """One object to create; its records are numbered by Salesforce."""

    name: str
    description: str

    @property
    def label(self) -> str:
        """The object's name for people."""
        return label_of(self.name)

    @property
    def plural(self) -> str:
        """The name of several of them."""
        if self.label.endswith(("s", "x", "ch", "sh")):
            return f"{self.label[: LABEL_LENGTH - 2]}es"
        return f"{self.label[: LABEL_LENGTH - 1]}s"

    @property
    def number_format(self) -> str:
        """How its records are numbered: the capitals of its name and a number."""
        return f"{''.join(word[0] for word in self.label.split()).upper()}-{{0000000}}"


def is_custom(name: str) -> bool:
    """Whether a field or an object is one that an administrator adds."""
    return name.endswith("__c")


def is_packaged(name: str) -> bool:
    """Whether it belongs to somebody's managed package, so that nobody else can create it."""
    return _PACKAGED.fullmatch(name) is not None


def is_lawful(name: str) -> bool:
    """Whether Salesforce takes the name for a custom field or object."""
    return _OWN.fullmatch(name) is not None and len(name) <= NAME_LENGTH


def label_of(name: str) -> str:
    """A label from an API name: `IntacctID__c` is Intacct ID, `StockAsOf__c` is Stock As Of."""
    words = _WORDS.findall(name.removesuffix("__c"))
    return " ".join(word[0].upper() + word[1:] for word in words)[:LABEL_LENGTH].rstrip()
