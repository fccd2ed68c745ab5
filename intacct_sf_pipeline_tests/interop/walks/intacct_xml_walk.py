"""Uses sageintacctsdk (XML) as its documentation shows and prints what it saw, step by step, as one JSON document.

The sandbox's ready document comes on standard input. The client knows one address, the vendor's; HTTPS_PROXY and
REQUESTS_CA_BUNDLE, which `requests` documents, lead it to the sandbox.
"""

import json
import sys

from sageintacctsdk import SageIntacctSDK
from sageintacctsdk.exceptions import SageIntacctSDKError

INTACCT = json.load(sys.stdin)["intacct"]
SEEN = {}


def step(body):
    """Run a step and remember what it gives, or what it raises."""
    try:
        SEEN[body.__name__] = body()
    except SageIntacctSDKError as error:
        SEEN[body.__name__] = {"thrown": type(error).__name__, "message": error.message, "response": error.response}
    except (LookupError, TypeError, ValueError, OSError) as error:
        SEEN[body.__name__] = {"thrown": type(error).__name__, "message": str(error)}
    return body


def connect(**changes):
    """A client, signed in."""
    names = ("sender_id", "sender_password", "user_id", "company_id", "user_password")
    return SageIntacctSDK(**{**{name: INTACCT[name] for name in names}, **changes})


SDK = connect()
CONTACT = {"CONTACTNAME": "Ünal, Mia (PY)", "PRINTAS": "Mia Ünal", "FIRSTNAME": "Mia", "LASTNAME": "Ünal"}
CUSTOMER = {
    "CUSTOMERID": "C-PY",
    "NAME": "Fern & Söhne <GmbH>",
    "DISPLAYCONTACT": {
        "PRINTAS": "Fern & Söhne",
        "EMAIL1": "ap@fern.example",
        "MAILADDRESS": {"ADDRESS1": "1 Straße", "CITY": "Köln", "ZIP": "50667", "COUNTRY": "Germany"},
    },
    "CREDITLIMIT": "1234.5",
    "STATUS": "active",
}
ITEM = {"ITEMID": "I-PY", "NAME": "Pump 8 bar", "ITEMTYPE": "Inventory", "COST_METHOD": "Average", "BASEPRICE": "199"}


# Logins.


@step
def session():
    own = connect()
    return own.customers.count() > 0


@step
def session_in_entity():
    return connect(entity_id="E100").customers.count(None)


@step
def session_given():
    given = SDK.api_base.get_session_id(INTACCT["user_id"], INTACCT["company_id"], INTACCT["user_password"])
    return connect(session_id=given).customers.count() > 0


@step
def wrong_user_password():
    connect(user_password="wrong")


@step
def wrong_company():
    connect(company_id="nobody")


@step
def wrong_entity():
    connect(entity_id="E999")


@step
def wrong_sender_password():
    connect(sender_password="wrong")


@step
def dead_session():
    connect(session_id="faKEsEsSiOnId..").customers.count()


# Counting and reading.


@step
def counts():
    customers = SDK.customers
    name = [("like", "CUSTOMERID", "C-1000%")]
    return {
        "active": customers.count(),
        "all": customers.count(None),
        "inactive": customers.count(value="inactive"),
        "one": customers.count(and_filter=name),
        "both": customers.count(and_filter=[*name, ("equalto", "STATUS", "active")]),
        "either": customers.count(or_filter=[*name, ("equalto", "STATUS", "inactive")]),
        "payload": customers.count(filter_payload={"in": {"field": "STATUS", "value": ["active", "inactive"]}}),
    }


@step
def everything():
    return {
        name: len(getattr(SDK, name).get_all())
        for name in ("customers", "contacts", "items", "location_entities", "locations", "vendors", "employees")
    }


@step
def everything_by_fields():
    rows = SDK.customers.get_all(fields=["RECORDNO", "CUSTOMERID"])
    return [sorted(rows[0]), len({row["CUSTOMERID"] for row in rows})]


@step
def generator():
    pages = SDK.customers.get_all_generator(
        field="STATUS",
        value="active",
        updated_at="01/01/2020 00:00:00",
        order_by_field="CUSTOMERID",
        order="descending",
    )
    ids = [row["CUSTOMERID"] for page in pages for row in page]
    return [len(ids), ids == sorted(ids, reverse=True)]


@step
def generator_nothing():
    return list(SDK.customers.get_all_generator(updated_at="01/01/2099 00:00:00"))


@step
def by_query():
    ids = sorted(row["CUSTOMERID"] for row in SDK.customers.get_all(fields=["CUSTOMERID"]))
    fields = ["CUSTOMERID", "NAME"]
    found = {
        "between": SDK.customers.get_by_query(fields, [("between", "CUSTOMERID", [ids[0], ids[2]])]),
        "among": SDK.customers.get_by_query(fields, [("in", "CUSTOMERID", ids[:4])]),
        "and": SDK.customers.get_by_query(
            fields, [("greaterthan", "CUSTOMERID", ids[0]), ("lessthan", "CUSTOMERID", ids[3])]
        ),
        "or": SDK.customers.get_by_query(
            fields, None, [("equalto", "CUSTOMERID", ids[0]), ("equalto", "CUSTOMERID", ids[1])]
        ),
        "payload": SDK.customers.get_by_query(fields, filter_payload={"isnotnull": {"field": "NAME"}}),
        "nothing": SDK.customers.get_by_query(fields, [("equalto", "CUSTOMERID", "nobody")]),
    }
    return {name: len(rows) for name, rows in found.items()}


@step
def by_query_lone_or():
    SDK.customers.get_by_query(
        ["NAME"], [("equalto", "STATUS", "active")], [("like", "CUSTOMERID", "C%")]
    )  # the client writes an `or` with one child, which the schema forbids


@step
def lookup():
    told = SDK.customers.get_lookup()["Type"]
    return {
        "name": told["@Name"],
        "fields": [field["ID"] for field in told["Fields"]["Field"]],
        "types": sorted({field["DATATYPE"] for field in told["Fields"]["Field"]}),
        "relations": [relation["OBJECTPATH"] for relation in told["Relationships"]["Relationship"]],
    }


@step
def read_by_query():
    data = SDK.items.read_by_query(fields=["RECORDNO", "ITEMID"])["data"]
    return [data["@listtype"], data["@count"], data["@numremaining"], data["@resultId"]]


@step
def get():
    wanted = SDK.customers.get_all(fields=["CUSTOMERID"])[0]["CUSTOMERID"]
    found = SDK.customers.get("CUSTOMERID", wanted, ["RECORDNO", "CUSTOMERID"])
    return [found["@listtype"], found["customer"]["CUSTOMERID"] == wanted]


@step
def vendors_get():
    return SDK.vendors.get("STATUS", "active")["@totalcount"]


@step
def price_entries():
    return [
        SDK.inventory_control_price_list_entries.count(),
        len(SDK.inventory_control_price_list_entries.get_lookup()),
    ]


@step
def dimensions():
    return SDK.dimensions.get_all()


@step
def objects():
    told = SDK.dimensions.get_objects()
    return [told["@listtype"], told["type"][0]]


@step
def objects_one():
    return SDK.dimensions.inspect_objects("CUSTOMER")["Type"]["@Name"]


# Writing.


@step
def contact_post():
    return SDK.contacts.post(CONTACT)


@step
def contact_duplicate():
    SDK.contacts.post(CONTACT)


@step
def contact_bad_email():
    SDK.contacts.post({**CONTACT, "CONTACTNAME": "Bad mail", "EMAIL1": "nonsense"})


@step
def customer_post():
    return SDK.customers.post(CUSTOMER)["data"]


@step
def customer_read_back():
    [row] = SDK.customers.get_all(
        "CUSTOMERID", "C-PY", ["NAME", "CREDITLIMIT", "DISPLAYCONTACT.EMAIL1", "DISPLAYCONTACT.MAILADDRESS.CITY"]
    )
    return row


@step
def customer_duplicate():
    SDK.customers.post(CUSTOMER)


@step
def customer_update():
    return SDK.customers.update({"CUSTOMERID": "C-PY", "COMMENTS": "changed"})["status"]


@step
def customer_update_missing():
    SDK.customers.update({"CUSTOMERID": "nobody", "COMMENTS": "changed"})


@step
def item_post():
    return SDK.items.post(ITEM)["data"]


@step
def item_update():
    return SDK.items.update({"ITEMID": "I-PY", "NAME": "Pump 9"})["status"]


@step
def deletes():
    [customer] = SDK.customers.get_all("CUSTOMERID", "C-PY", ["RECORDNO"])
    [contact] = SDK.contacts.get_all("CONTACTNAME", CONTACT["CONTACTNAME"], ["RECORDNO"])
    return [SDK.customers.delete(customer["RECORDNO"]), SDK.contacts.delete(contact["RECORDNO"])]


@step
def delete_missing():
    SDK.customers.delete(99999999)


# Attachments.


@step
def attachments():
    folder = SDK.attachments.create_attachments_folder({"supdocfoldername": "Folder PY"})
    body = {
        "supdocid": "A-PY",
        "supdocname": "Paper",
        "supdocfoldername": "Folder PY",
        "attachments": {"attachment": {"attachmentname": "p", "attachmenttype": "txt", "attachmentdata": "YQ=="}},
    }
    made = SDK.attachments.post(body)
    changed = SDK.attachments.update({"supdocid": "A-PY", "supdocdescription": "changed"})
    return [folder["status"], folder["key"], made["status"], made["key"], changed["status"]]


@step
def attachments_read():
    one = SDK.attachments.get_attachment("supdocid", "A-PY")["data"]["supdoc"]
    folder = SDK.attachments.get_folder("name", "Folder PY")["data"]["supdocfolder"]
    none = SDK.attachments.get_folder("name", "nothing")["listtype"]["@total"]
    return {"one": one, "folder": folder, "none": none}


@step
def attachments_delete():
    return SDK.attachments.delete("A-PY")["status"]


@step
def show_private():
    return connect(show_private=True).customers.count(None) >= SDK.customers.count(None)


# What is refused.


@step
def unknown_field():
    SDK.customers.get_all(fields=["NAME", "NOSUCH", "NORTHIS"])


@step
def unknown_object():
    SDK.dimension_values.get_all("NOSUCH")


@step
def bad_literal():
    SDK.customers.get_by_query(["NAME"], [("greaterthan", "WHENMODIFIED", "2026-01-01T00:00:00Z")])


@step
def too_many_values():
    SDK.customers.get_by_query(["NAME"], [("in", "CUSTOMERID", ["x"] * 1001)])


# Troubles of the service; the marks are in the sandbox's fault file.


def marked(mark):
    SDK.customers.count(field="NAME", value=mark)


@step
def throttled():
    marked("INTEROP-429")


@step
def throttled_in_words():
    marked("INTEROP-TEXT")


@step
def unauthorized():
    marked("INTEROP-401")


@step
def forbidden():
    marked("INTEROP-403")


@step
def broken():
    marked("INTEROP-500")


@step
def session_ended():
    marked("INTEROP-EXPIRE")


@step
def session_renewed():
    return connect().customers.count() > 0


json.dump(SEEN, sys.stdout)
