"""The chains of errors a refused write answers: the cause first, then the wrappers.

Source: the XML reference, 3.7, 7.1.1, 8.1 and 8.4; the missing contact (BL03000019) from the vendor's .NET SDK, issue
154. Codes of rules the reference leaves open are BL01001973, the vendor's general code for business rules.
"""

from collections.abc import Sequence

from intacct_sf_pipeline.sandbox.intacct.errors import ApiError, Detail
from intacct_sf_pipeline.sandbox.intacct.xml.results import AdditionalInfo, ErrorEntry
from intacct_sf_pipeline.sandbox.intacct.xml.schema.types import XmlObject

DUPLICATE = "BL34000061"
RULE = "BL01001973"
FORMAT = "BL03000018"
NO_CONTACT = "BL03000019"
_TAKEN = ("Another record with the value ", " already exists")
"""The store's words around a value that is taken."""
_WRAPPED = {"ITEM": "item"}
"""Names the wrappers write otherwise than the object's label."""


class WriteRefused(Exception):  # noqa: N818 - the gateway's own word
    """One record was refused: its causes, not yet wrapped."""

    def __init__(self, causes: Sequence[ErrorEntry], parts: Sequence[str] = ()) -> None:
        """Args: the causes; what was being written inside the record, innermost first ("Contact")."""
        super().__init__("; ".join(cause.description2 for cause in causes))
        self.causes = tuple(causes)
        self.parts = tuple(parts)


def chain(refused: WriteRefused, verb: str, entry: XmlObject, support_id: str) -> list[ErrorEntry]:
    """The whole chain: causes with the support id, a wrapper for each part, the wrapper of the record."""
    causes = [
        ErrorEntry(
            cause.errorno,
            cause.description,
            f"{cause.description2} [Support ID: {support_id}]",
            cause.correction,
            cause.info,
        )
        for cause in refused.causes
    ]
    nouns = [*refused.parts, _WRAPPED.get(entry.name, entry.label)]
    return [*causes, *(ErrorEntry(RULE, "", f"Could not {verb} {noun} record!") for noun in nouns)]


def duplicate(noun: str, value: str) -> ErrorEntry:
    """A unique key that is taken."""
    info = AdditionalInfo(
        "GL-0493",
        "Duplication Prevention",
        noun.lower(),
        description2_id="IA.ANOTHER_RECORD_EXISTS",
        correction_id="IA.USE_A_UNIQUE_VALUE",
        placeholders={"NAME": noun, "VALUE": value},
    )
    text = f"Another {noun} with the given value(s) {value}  already exists"
    return ErrorEntry(DUPLICATE, "", text, "Use a unique value instead.", info)


def rule(text: str, correction: str = "") -> ErrorEntry:
    """A business rule's own words."""
    return ErrorEntry(RULE, "", text, correction)


def bad_format(noun: str, label: str, why: str) -> ErrorEntry:
    """A value that is not of its field's form."""
    return ErrorEntry(FORMAT, "", f"Illegal format for {noun} : {label} {why}", "Provide a valid value.")


def no_contact(name: str) -> ErrorEntry:
    """A contact that is referred to and does not exist."""
    return ErrorEntry(NO_CONTACT, "", f"The contact {name} does not exist.", "Provide the name of an existing contact.")


def broken_reference(label: str, value: str) -> ErrorEntry:
    """Another record that is referred to and does not exist."""
    return rule(f"Invalid {label} '{value}' specified.", f"Provide a valid {label}.")


def missing_key(verb: str, entry: XmlObject, key: str) -> ErrorEntry:
    """A record that is not there. Source: the XML reference, 8.4 (the text, for deletions)."""
    return rule(f"Cannot find {entry.label.lower()} with key '{key}' to {verb}.")


def in_use(entry: XmlObject, record_id: str) -> ErrorEntry:
    """A record that others refer to; the vendor's code is UNCONFIRMED."""
    return rule(
        f"Cannot delete {entry.label.lower()} '{record_id}' because it is being used.",
        "Set its status to inactive instead.",
    )


def no_definition(name: str) -> ErrorEntry:
    """An object that does not exist. Source: the XML reference, 8.4 (`WS`)."""
    return ErrorEntry("WS", "", f"Object definition {name} not found")


def from_rest(fault: ApiError, entry: XmlObject) -> WriteRefused:
    """A refusal of the store's own rules, in the words of this door."""
    details = fault.details or (Detail(fault.message, fault.message_id),)
    return WriteRefused([_worded(detail, entry) for detail in details])


def _worded(detail: Detail, entry: XmlObject) -> ErrorEntry:
    label = _label(detail.target, entry)
    if detail.message_id == "IA.INVALID_FIELD_VALUE":
        return bad_format(entry.label, label, detail.message.partition(": ")[2])
    if detail.message_id == "IA.RECORD_ALREADY_EXISTS":
        return duplicate(entry.label, detail.message.removeprefix(_TAKEN[0]).removesuffix(_TAKEN[1]))
    if detail.message_id == "IA.REQUIRED_FIELD_IS_MISSING" and label:
        return missing_field(label)
    return rule(detail.message)


def missing_field(label: str) -> ErrorEntry:
    """A required value that is not given; the vendor's code is UNCONFIRMED."""
    return rule(f"Required field {label} is missing.", f"Provide a value for {label}.")


def _label(target: str | None, entry: XmlObject) -> str:
    """The label of the field behind a JSON pointer of the REST rules."""
    path = (target or "").strip("/").replace("/", ".")
    found = [field for field in entry.fields.values() if field.path in (path, f"{path}.id")]
    return found[0].label if found else path
