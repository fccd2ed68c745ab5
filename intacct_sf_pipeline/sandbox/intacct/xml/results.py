"""What a function of the XML gateway answers, as values: data, chains of errors, the result itself, the fault.

No text of an error lives here (`xml_errors`), and nothing is rendered here (`reply`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from xml.etree.ElementTree import Element


class Status(StrEnum):
    """`result/status`; `aborted` only under `transaction="true"`. Source: the reference, 3.1."""

    SUCCESS = "success"
    FAILURE = "failure"
    ABORTED = "aborted"


@dataclass(frozen=True)
class AdditionalInfo:
    """What `showadditionalerrorinfo` adds to an error. Source: the reference, 2.1.

    Attributes:
        errorid: such as `GL-0493`.
        category: such as `Duplication Prevention`.
        target: what the error is about.
        description_id, description2_id, correction_id: ids of the messages.
        placeholders: what was put into the messages.
    """

    errorid: str = ""
    category: str = ""
    target: str = ""
    description_id: str = ""
    description2_id: str = ""
    correction_id: str = ""
    placeholders: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ErrorEntry:
    """One `error` of a chain: the cause first, wrappers after it. `errorno` None: the element is missing."""

    errorno: str | None
    description: str = ""
    description2: str = ""
    correction: str = ""
    info: AdditionalInfo | None = None


@dataclass(frozen=True)
class Data:
    """A `data` element: its attributes in order, `listtype` among them, and its children."""

    attributes: Mapping[str, str] = field(default_factory=dict)
    children: Sequence[Element] = ()


@dataclass(frozen=True)
class ListType:
    """The `listtype` element of legacy lists: first and last position given, and how many there are."""

    name: str
    start: int
    end: int
    total: int


@dataclass(frozen=True)
class RawBody:
    """A body that goes out without envelope (`returnformat` json or csv). Source: the reference, 4.1."""

    content_type: str
    body: bytes


@dataclass(frozen=True)
class FunctionResult:
    """One `result`.

    Attributes:
        function: name of the call.
        control_id: of the function.
        status: success, failure or aborted.
        data: the `data` element, or None for none.
        key: the `key` element of legacy functions.
        list_type: the `listtype` element of legacy lists.
        errors: the chain, cause first.
        raw: goes out instead of the whole envelope.
    """

    function: str
    control_id: str
    status: Status = Status.SUCCESS
    data: Data | None = None
    key: str | None = None
    list_type: ListType | None = None
    errors: tuple[ErrorEntry, ...] = ()
    raw: RawBody | None = None

    def with_status(self, status: Status, errors: Sequence[ErrorEntry]) -> "FunctionResult":
        """The same function with another outcome and nothing to show."""
        return replace(self, status=status, errors=tuple(errors), data=None, key=None, list_type=None, raw=None)


class XmlFault(Exception):  # noqa: N818 - the gateway's own word
    """A function failed: its chain of errors, and the `data` it answers nevertheless.

    The frame makes a `failure` result of it, so that handlers simply raise.
    """

    def __init__(self, errors: Sequence[ErrorEntry], data: Data | None = None) -> None:
        """Args: the chain, cause first; the data to show beside it."""
        super().__init__("; ".join(error.description2 or error.description for error in errors))
        self.errors = tuple(errors)
        self.data = data
