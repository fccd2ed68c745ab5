"""Calls of the write functions as text, and the parts of their replies that tests ask about."""

from collections.abc import Mapping, Sequence
from html import escape
from xml.etree.ElementTree import Element

from .gateway import Reply, fields

ROLLED_BACK = "The entire transaction in this operation has been rolled back due to an error."
Members = Mapping[str, "str | Members"]


def record(name: str, members: Members) -> str:
    """An object's element; nested members as nested elements."""
    inside = "".join(
        record(key, value) if isinstance(value, Mapping) else f"<{key}>{escape(value)}</{key}>"
        for key, value in members.items()
    )
    return f"<{name}>{inside}</{name}>"


def create(*records: str) -> str:
    return f"<create>{''.join(records)}</create>"


def update(*records: str) -> str:
    return f"<update>{''.join(records)}</update>"


def delete(name: str, *keys: str) -> str:
    return f"<delete><object>{name}</object><keys>{','.join(keys)}</keys></delete>"


def customer(record_id: str | None = "C-1", name: str = "Acme", **others: "str | Members") -> str:
    """A CUSTOMER that can be created."""
    key = {} if record_id is None else {"CUSTOMERID": record_id}
    return record("CUSTOMER", {**key, "NAME": name, "DISPLAYCONTACT": {"PRINTAS": name}, **others})


def contact(name: str, **others: "str | Members") -> str:
    return record("CONTACT", {"CONTACTNAME": name, "PRINTAS": name, **others})


def item(record_id: str, **others: "str | Members") -> str:
    return record("ITEM", {"ITEMID": record_id, "NAME": f"Item {record_id}", "ITEMTYPE": "Inventory", **others})


def written(result: Element) -> list[tuple[str, dict[str, str]]]:
    """What a result lists as written: (element, its members); its attributes are checked on the way."""
    data = result.find("data")
    assert data is not None
    assert data.attrib == {"listtype": "objects", "count": str(len(data))}
    return [(child.tag, fields(child)) for child in data]


def chain(reply: Reply, place: int = 0) -> list[tuple[str, str]]:
    """The chain of one result: number and text, the support id cut off."""
    errors = reply.errors(reply.results[place])
    return [(error["errorno"], error["description2"].partition(" [Support ID: ")[0]) for error in errors]


def numbers(reply: Reply, place: int = 0) -> Sequence[str]:
    """The error numbers of one result."""
    return [number for number, _ in chain(reply, place)]
