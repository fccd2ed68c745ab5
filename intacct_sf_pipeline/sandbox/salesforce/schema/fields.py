"""Short constructors for fields, so that an object reads as a table of its columns.

What belongs here: one function per kind of field. Options not named here are passed on to `Field`.
"""

from typing import TypedDict, Unpack

from intacct_sf_pipeline.sandbox.salesforce.schema.model import Field


class Options(TypedDict, total=False):
    """What a column may say beyond its kind."""

    nillable: bool
    createable: bool
    updateable: bool
    default: str | bool | int | None
    defaulted_on_create: bool
    unique: bool
    external: bool
    id_lookup: bool
    case_sensitive: bool
    filterable: bool
    sortable: bool
    groupable: bool
    calculated: bool
    restricted: bool
    relationship: str | None
    child_relationship: str | None
    cascade: bool
    compound: str | None
    name_field: bool
    visible: bool


class ReadOnly(TypedDict):
    """Neither create nor update may carry the column."""

    createable: bool
    updateable: bool


READ_ONLY: ReadOnly = {"createable": False, "updateable": False}


def text(name: str, label: str, length: int, **options: Unpack[Options]) -> Field:
    """One line of text."""
    return Field(name, label, "string", length=length, **options)


def area(name: str, label: str, length: int, **options: Unpack[Options]) -> Field:
    """Text of several lines that can be filtered."""
    return Field(name, label, "textarea", length=length, **options)


def long_area(name: str, label: str, length: int, **options: Unpack[Options]) -> Field:
    """A long text area: neither filterable nor sortable. Source: SOQL Ref, field types."""
    given: Options = {"filterable": False, "sortable": False, "groupable": False, **options}
    return Field(name, label, "textarea", length=length, **given)


def phone(name: str, label: str) -> Field:
    """A telephone number, kept as sent."""
    return Field(name, label, "phone", length=40)


def email(name: str, label: str, **options: Unpack[Options]) -> Field:
    """An e-mail address."""
    return Field(name, label, "email", length=80, **options)


def url(name: str, label: str, length: int = 255, **options: Unpack[Options]) -> Field:
    """A web address."""
    return Field(name, label, "url", length=length, **options)


def picklist(
    name: str, label: str, values: tuple[str, ...] = (), length: int = 40, **options: Unpack[Options]
) -> Field:
    """One value of a list; unrestricted unless said."""
    return Field(name, label, "picklist", length=length, picklist=values, **options)


def boolean(name: str, label: str, **options: Unpack[Options]) -> Field:
    """True or false, never null."""
    given: Options = {"nillable": False, "default": False, "defaulted_on_create": True, **options}
    return Field(name, label, "boolean", **given)


def number(name: str, label: str, precision: int, scale: int, **options: Unpack[Options]) -> Field:
    """A number of at most `precision` digits, `scale` of them after the point."""
    given: Options = {"groupable": False, **options}
    return Field(name, label, "double", precision=precision, scale=scale, **given)


def integer(name: str, label: str, **options: Unpack[Options]) -> Field:
    """A whole number of at most eight digits."""
    return Field(name, label, "int", precision=8, **options)


def currency(name: str, label: str, precision: int, scale: int, **options: Unpack[Options]) -> Field:
    """An amount of money."""
    given: Options = {"groupable": False, **options}
    return Field(name, label, "currency", precision=precision, scale=scale, **given)


def moment(name: str, label: str, **options: Unpack[Options]) -> Field:
    """A date and time."""
    given: Options = {"groupable": False, **options}
    return Field(name, label, "datetime", **given)


def day(name: str, label: str, **options: Unpack[Options]) -> Field:
    """A date."""
    return Field(name, label, "date", **options)


def lookup(name: str, label: str, to: str | tuple[str, ...], **options: Unpack[Options]) -> Field:
    """A reference to a row of one of the objects in `to`."""
    targets = (to,) if isinstance(to, str) else to
    given: Options = {"relationship": name.removesuffix("Id"), **options}
    if name.endswith("__c"):
        given = {**given, "relationship": name[:-1] + "r"}
    return Field(name, label, "reference", length=18, reference_to=targets, **given)


def base64(name: str, label: str, **options: Unpack[Options]) -> Field:
    """Bytes, sent as base64 and read back from an address of their own."""
    given: Options = {"filterable": False, "sortable": False, "groupable": False, **options}
    return Field(name, label, "base64", **given)


def own_id() -> Field:
    """The record id."""
    return Field(
        "Id", "Record ID", "id", length=18, nillable=False, defaulted_on_create=True, id_lookup=True, **READ_ONLY
    )


def system_fields(*, stamp: bool = True, activity: bool = False, viewed: bool = False) -> tuple[Field, ...]:
    """The read-only fields common to all objects; `stamp` false hides SystemModstamp (it is kept all the same)."""
    fixed: Options = {"nillable": False, "defaulted_on_create": True, "createable": False, "updateable": False}
    hideable: Options = {**fixed, "visible": stamp}
    common = (
        boolean("IsDeleted", "Deleted", **READ_ONLY),
        moment("CreatedDate", "Created Date", **fixed),
        lookup("CreatedById", "Created By ID", "User", **fixed),
        moment("LastModifiedDate", "Last Modified Date", **fixed),
        lookup("LastModifiedById", "Last Modified By ID", "User", **fixed),
        moment("SystemModstamp", "System Modstamp", **hideable),
    )
    seen = (
        moment("LastViewedDate", "Last Viewed Date", **READ_ONLY),
        moment("LastReferencedDate", "Last Referenced Date", **READ_ONLY),
    )
    return (
        common
        + ((day("LastActivityDate", "Last Activity", **READ_ONLY),) if activity else ())
        + (seen if viewed else ())
    )


def owner(**options: Unpack[Options]) -> Field:
    """The owner: the API user unless given."""
    given: Options = {"nillable": False, "defaulted_on_create": True, **options}
    return lookup("OwnerId", "Owner ID", "User", **given)
