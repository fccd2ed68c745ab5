"""Requests as text, whole envelopes and single calls, for the tests that send many of them."""

from .gateway import LOGIN, SENDER, SENDER_PASSWORD, op

STAMP = "01/01/2020 00:00:00"
"""Older than every record, as the API writes times."""

CONTROL = (
    f"<control><senderid>{SENDER}</senderid><password>{SENDER_PASSWORD}</password><controlid>c</controlid>"
    "<uniqueid>false</uniqueid><dtdversion>3.0</dtdversion></control>"
)
CALL = '<function controlid="f"><readEntityDetails/></function>'
AUTH = f"<authentication>{LOGIN}</authentication>"
OPERATION = f"<operation>{AUTH}<content>{CALL}</content></operation>"
ACTIVE, LIKE = op("equalto", "STATUS", "active"), op("like", "CUSTOMERID", "C%")
MIA = "<CONTACT><CONTACTNAME>Mia Ray</CONTACTNAME><PRINTAS>M</PRINTAS></CONTACT>"


def request(control: str = CONTROL, operation: str = OPERATION) -> str:
    """A whole request; it asks for the entities."""
    return f'<?xml version="1.0" encoding="UTF-8"?><request>{control}{operation}</request>'


def control(old: str, new: str) -> str:
    """A whole request with something in `control` replaced."""
    assert old in CONTROL
    return request(control=CONTROL.replace(old, new))


def operation(old: str, new: str) -> str:
    """A whole request with something in `operation` replaced."""
    assert old in OPERATION
    return request(operation=OPERATION.replace(old, new))


def query(what: str = "", select: str = "<field>CUSTOMERID</field>") -> str:
    """A `query` of customers with further members."""
    return f"<query><object>CUSTOMER</object><select>{select}</select>{what}</query>"


def where(filters: str, more: str = "") -> str:
    """A `query` of customers with a filter."""
    return query(f"<filter>{filters}</filter>{more}")


def older(text: str, name: str = "CUSTOMER", more: str = "") -> str:
    """A `readByQuery`."""
    return f"<readByQuery><object>{name}</object><query>{text}</query>{more}</readByQuery>"


def create(*records: str) -> str:
    """A `create`."""
    return f"<create>{''.join(records)}</create>"


def movement(
    quantity: str = "1", kind: str = "Inventory Receipt", item: str = "PUMP-8", warehouse: str = "WH-S"
) -> str:
    """A `create_ictransaction` of one line; no quantity: of none."""
    line = (
        f"<ictransitem><itemid>{item}</itemid><warehouseid>{warehouse}</warehouseid><quantity>{quantity}</quantity>"
        "<unit>Each</unit></ictransitem>"
    )
    return (
        f"<create_ictransaction><transactiontype>{kind}</transactiontype><datecreated><year>2026</year><month>09</month>"
        f"<day>10</day></datecreated><ictransitems>{line if quantity else ''}</ictransitems></create_ictransaction>"
    )
