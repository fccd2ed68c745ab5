"""Uses pyintacct as its documentation shows and prints what it saw, step by step, as one JSON document.

The sandbox's ready document comes on standard input. The client knows one address, the vendor's, until a session names
another; HTTPS_PROXY and REQUESTS_CA_BUNDLE, which `requests` documents, lead it to the sandbox.
"""

import json
import sys

from pyintacct import IntacctAPI
from pyintacct.exceptions import IntacctException, IntacctServerError
from pyintacct.models.company import Contact, MailAddress

INTACCT = json.load(sys.stdin)["intacct"]
SEEN = {}


def step(body):
    """Run a step and remember what it gives, or what it raises."""
    try:
        SEEN[body.__name__] = body()
    except (IntacctException, IntacctServerError, LookupError, TypeError, ValueError, OSError) as error:
        SEEN[body.__name__] = {"thrown": type(error).__name__, "message": str(error)}
    return body


def connect(**changes):
    """A client; it signs in with its first call."""
    given = {
        "SENDER_ID": INTACCT["sender_id"],
        "SENDER_PW": INTACCT["sender_password"],
        "COMPANY_ID": INTACCT["company_id"],
        "USER_ID": INTACCT["user_id"],
        "USER_PW": INTACCT["user_password"],
    }
    return IntacctAPI(config={**given, **changes})


API = connect()


def texts(nodes, name):
    """The texts of one child of each node."""
    return [str(node[name]) for node in nodes]


@step
def session():
    session_id, endpoint, timeout = API.get_session_id()
    return [len(session_id) > 20, endpoint, timeout[-6:]]


@step
def session_in_entity():
    return len(connect(ENTITY_ID="E100").get_session_id()[0]) > 20


@step
def wrong_password():
    connect(USER_PW="wrong").get_session_id()


@step
def wrong_sender():
    connect(SENDER_PW="wrong").get_session_id()


@step
def read_by_query():
    rows = API.read_by_query("CUSTOMER", "STATUS = 'T'", fields="RECORDNO,CUSTOMERID,STATUS", pagesize=7)
    ids = texts(rows, "CUSTOMERID")
    return [len(ids), len(set(ids)), sorted(set(texts(rows, "STATUS")))]


@step
def read_by_query_all_fields():
    return len(API.read_by_query("ITEM", "ITEMTYPE = 'I'"))


@step
def read_by_query_nothing():
    return len(API.read_by_query("ITEM", "ITEMID = 'nothing'"))


@step
def bad_query():
    API.read_by_query("ITEM", "ITEMID = 'a' ORDER BY ITEMID")


@step
def inspect_all():
    told = API.inspect()
    return sorted(str(node.get_xml_attr("typename")) for node in told.find_nodes_with_tag("type"))[:3]


@step
def inspect_one():
    told = API.inspect("ITEM", detail=True)
    names = [str(node["Name"]) for node in told.find_nodes_with_tag("Field")]
    return ["ITEMID" in names, len(names) == len(set(names))]


@step
def create():
    made = API.create({"CONTACT": {"CONTACTNAME": "Ünal, Mia (PI)", "PRINTAS": "Mia Ünal & Co"}})
    return [str(next(made.find_nodes_with_tag("CONTACTNAME"))), str(next(made.find_nodes_with_tag("status")))]


@step
def duplicate():
    API.create({"CONTACT": {"CONTACTNAME": "Ünal, Mia (PI)", "PRINTAS": "Mia"}})


@step
def update():
    API.update({"CONTACT": {"CONTACTNAME": "Ünal, Mia (PI)", "PRINTAS": "Mia U.", "PHONE1": "555 0100"}})
    [row] = API.read_by_query("CONTACT", "CONTACTNAME = 'Ünal, Mia (PI)'", fields="RECORDNO,PRINTAS,PHONE1")
    return [str(row["PRINTAS"]), str(row["PHONE1"])]


@step
def delete():
    [row] = API.read_by_query("CONTACT", "CONTACTNAME = 'Ünal, Mia (PI)'", fields="RECORDNO")
    done = API.delete("CONTACT", [str(row["RECORDNO"])])
    return str(next(done.find_nodes_with_tag("function")))


@step
def legacy_contact():
    """The older functions: `create_contact` with its children in the schema's order, `delete_contact` by attribute."""
    address = MailAddress(address1="1 Straße", city="Köln", country="Germany", isocountrycode="DE")
    made = API.create(Contact(contactname="Legacy (PI)", printas="Legacy", mailaddress=address))
    API.delete(Contact, ["Legacy (PI)"])
    left = API.read_by_query("CONTACT", "CONTACTNAME = 'Legacy (PI)'", fields="RECORDNO")
    return [str(next(made.find_nodes_with_tag("key"))), len(left)]


@step
def broken():
    API.read_by_query("CUSTOMER", "NAME = 'INTEROP-500'")


@step
def throttled():
    API.read_by_query("CUSTOMER", "NAME = 'INTEROP-429'")


json.dump(SEEN, sys.stdout)
