"""The type of each custom field: from the mapping's field types, or from the values the mapping shows of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from intacct_sf_pipeline.connectors.salesforce.metadata.fields import (
    LONG_TEXT_LENGTH,
    NUMBER_PRECISION,
    NUMBER_SCALE,
    TEXT_LENGTH,
    CustomField,
    Kind,
)
from intacct_sf_pipeline.model.fields import Direction, FieldSpec, FieldType
from intacct_sf_pipeline.model.mapping import Condition

_STATUS_LENGTH: Final = 40
_KINDS: Final = {
    FieldType.MULTILINE: Kind.LONG_TEXT,
    FieldType.PHONE: Kind.PHONE,
    FieldType.EMAIL: Kind.EMAIL,
    FieldType.DECIMAL: Kind.NUMBER,
    FieldType.BOOLEAN: Kind.CHECKBOX,
    FieldType.DATETIME: Kind.DATE_TIME,
    FieldType.REFERENCE: Kind.LOOKUP,
}
"""All others are text of one line: a street is too, when each line has a field of its own."""
_CODED: Final = {FieldType.ENUM, FieldType.TABLE}


def external_id(sobject: str, name: str, named_by: str) -> CustomField:
    """The key by which records are upserted."""
    return CustomField(
        sobject,
        name,
        Kind.TEXT,
        "Id of the record in Sage Intacct, by which the integration finds it. Written by the integration only.",
        length=TEXT_LENGTH,
        external_id=True,
        unique=True,
        named_by=(named_by,),
    )


def status_field(sobject: str, name: str, named_by: str) -> CustomField:
    """How the record's synchronisation stands."""
    what = (
        "Whether this record agrees with Sage Intacct: In sync, Held, or Not synchronised. Written by the integration."
    )
    return CustomField(sobject, name, Kind.TEXT, what, length=_STATUS_LENGTH, named_by=(named_by,))


def status_message(sobject: str, name: str, named_by: str) -> CustomField:
    """Why it is held."""
    what = "What keeps this record from Sage Intacct, and what to do about it. Written by the integration."
    return CustomField(sobject, name, Kind.TEXT, what, length=TEXT_LENGTH, named_by=(named_by,))


def of_mapping(sobject: str, name: str, field: FieldSpec, target: str, *, editable: bool, named_by: str) -> CustomField:
    """A field of the mapping; `target` is the object a reference leads to."""
    kind = _kind(field)
    number = kind is Kind.NUMBER
    return CustomField(
        sobject,
        name,
        kind,
        _purpose(field),
        description=_origin(field),
        length={Kind.TEXT: TEXT_LENGTH, Kind.LONG_TEXT: LONG_TEXT_LENGTH}.get(kind),
        precision=NUMBER_PRECISION if number else None,
        scale=(NUMBER_SCALE if field.scale is None else field.scale) if number else None,
        values=_codes(field) if kind is Kind.PICKLIST else (),
        refers_to=target if kind is Kind.LOOKUP else "",
        editable=editable,
        named_by=(named_by,),
    )


def of_conditions(sobject: str, name: str, conditions: Iterable[Condition], entity: str) -> CustomField:
    """A field that a filter reads."""
    shown: list[str | bool] = []
    for one in conditions:
        shown += [value for value in (one.equals, one.not_equals, *(one.one_of or ())) if value is not None]
    return of_values(sobject, name, tuple(shown), entity, editable=False)


def of_values(
    sobject: str, name: str, shown: tuple[str | bool, ...], named_by: str, *, editable: bool = True
) -> CustomField:
    """A field of which only some values are known: a checkbox for true and false, a list, or text."""
    words = tuple(dict.fromkeys(str(value) for value in shown))
    what = "Read by the integration with Sage Intacct." if not editable else "Set by the integration with Sage Intacct."
    if words and {word.lower() for word in words} <= {"true", "false"}:
        return CustomField(sobject, name, Kind.CHECKBOX, what, editable=editable, named_by=(named_by,))
    if words:
        return CustomField(sobject, name, Kind.PICKLIST, what, values=words, editable=editable, named_by=(named_by,))
    return CustomField(sobject, name, Kind.TEXT, what, length=TEXT_LENGTH, editable=editable, named_by=(named_by,))


def _kind(field: FieldSpec) -> Kind:
    if field.type is FieldType.STREET and len(field.salesforce.columns) == 1:
        return Kind.LONG_TEXT
    if field.type in _CODED and field.values:
        if all(isinstance(value, bool) for value in field.values.values()):
            return Kind.CHECKBOX
        return Kind.PICKLIST if field.type is FieldType.ENUM else Kind.TEXT
    return _KINDS.get(field.type, Kind.TEXT)


def _codes(field: FieldSpec) -> tuple[str, ...]:
    return tuple(dict.fromkeys(str(value) for value in field.values.values()))


def _origin(field: FieldSpec) -> str:
    """Where its values come from, for administrators."""
    there = f", {', '.join(field.intacct.columns)}" if field.intacct.columns else ""
    return f"{field.title} in Sage Intacct{there}. Field of the integration's mapping: {field.name}."


def _purpose(field: FieldSpec) -> str:
    """What the people who see the field should know: whose value it is, and what becomes of an edit."""
    of = f"{field.title} in Sage Intacct. "
    match field.direction:
        case Direction.BOTH:
            return f"{of}An edit on either side reaches the other."
        case Direction.TO_SALESFORCE:
            return f"{of}Kept up to date by the integration: an edit here does not last."
        case Direction.TO_INTACCT:
            return f"{of}An edit here reaches Sage Intacct; it is never changed from there."
        case _:
            return f"{of}Read by the integration to find the record; never written."
