"""Uses sageintacctrestsdk as its documentation shows and prints what it saw, step by step, as one JSON document.

The sandbox's ready document comes on standard input. The client knows one address, the vendor's; HTTPS_PROXY and
REQUESTS_CA_BUNDLE, which `requests` documents, lead it to the sandbox.
"""

import json
import sys

from intacctsdk import IntacctRESTSDK
from intacctsdk.exceptions import IntacctRESTSDKError

INTACCT = json.load(sys.stdin)["intacct"]
SEEN = {}


def step(body):
    """Run a step and remember what it gives, or what it raises."""
    try:
        SEEN[body.__name__] = body()
    except IntacctRESTSDKError as error:
        SEEN[body.__name__] = {"thrown": type(error).__name__, "message": error.message, "response": error.response}
    except (LookupError, TypeError, ValueError, OSError) as error:
        SEEN[body.__name__] = {"thrown": type(error).__name__, "message": str(error)}
    return body


def connect(**changes):
    """A client, signed in."""
    given = {name: INTACCT[name] for name in ("username", "client_id", "client_secret")}
    return IntacctRESTSDK(**{**given, **changes})


SDK = connect()
REFRESH = {"use_client_credentials_auth": False, "username": None}


# Logins.


@step
def client_credentials():
    return [len(SDK.access_token.split(".")), bool(SDK.refresh_token), SDK.access_token_expires_in]


@step
def refresh_token():
    own = connect(refresh_token=SDK.refresh_token, **REFRESH)
    return [own.access_token != SDK.access_token, bool(own.refresh_token), own.customers.count() > 0]


@step
def access_token():
    return connect(access_token=SDK.access_token).customers.count() > 0


@step
def in_entity():
    own = connect(entity_id="E100")
    return [own.customers.count() <= SDK.customers.count(), own.location_entities.count()]


@step
def pinned_to_entity():
    return connect(username=INTACCT["username"] + "|E200").customers.count()


@step
def wrong_secret():
    connect(client_secret="wrong")


@step
def wrong_client():
    connect(client_id="nobody.example")


@step
def wrong_user():
    connect(username="nobody@" + INTACCT["company_id"])


@step
def wrong_refresh_token():
    connect(refresh_token="nonsense", **REFRESH)


@step
def dead_token():
    head, claims, _ = SDK.access_token.split(".")
    connect(access_token=f"{head}.{claims}.c2lnbmF0dXJl").customers.count()


@step
def no_token():
    connect(access_token="nonsense").customers.count()


@step
def session_id():
    return sorted(SDK.sessions.get_session_id())


# Reading.


@step
def counts():
    customers = SDK.customers
    status = [{"$eq": {"status": "active"}}]
    return {
        "all": customers.count(),
        "active": customers.count(filters=status),
        "either": customers.count(filters=[*status, {"$eq": {"status": "inactive"}}], filter_expression="1 or 2"),
        "private": customers.count(filter_parameters={"includePrivate": True}),
    }


@step
def generator():
    pages = SDK.customers.get_all_generator(
        fields=["key", "id", "name", "contacts.default.email1", "audit.modifiedDateTime"],
        filters=[{"$gte": {"audit.modifiedDateTime": "2020-01-01T00:00:00Z"}}],
        order_by=[{"id": "desc"}],
    )
    rows = [row for page in pages for row in page]
    ids = [row["id"] for row in rows]
    return [len(rows), ids == sorted(ids, reverse=True), sorted(rows[0])]


@step
def every_object():
    names = (
        "customers",
        "contacts",
        "items",
        "location_entities",
        "locations",
        "vendors",
        "employees",
        "users",
        "accounts",
    )
    return {name: sum(len(page) for page in getattr(SDK, name).get_all_generator(["key", "id"])) for name in names}


@step
def count_differs_from_nothing():
    return list(SDK.items.get_all_generator(["id"], [{"$eq": {"id": "nothing"}}]))


@step
def model():
    told = SDK.customers.get_model()["ia::result"]
    return [told["apiObject"], told["type"], told["httpMethods"], sorted(told)]


@step
def dimensions():
    return SDK.dimensions.list()


@step
def attachment_folders():
    return SDK.attachment_folders.count() >= 0


@step
def departments():
    return SDK.departments.count() >= 0


# Writing.

CONTACT = {"id": "Ünal, Mia (RE)", "printAs": "Mia Ünal", "firstName": "Mia", "email1": "mia@fern.example"}
CUSTOMER = {
    "id": "C-RE",
    "name": "Fern & Söhne <GmbH>",
    "status": "active",
    "creditLimit": 1234.5,
    "contacts": {
        "default": {
            "printAs": "Fern & Söhne",
            "email1": "ap@fern.example",
            "mailingAddress": {"addressLine1": "1 Straße", "city": "Köln", "isoCountryCode": "de"},
        }
    },
}
ITEM = {
    "id": "I-RE",
    "name": "Pump 8 bar",
    "itemType": "inventory",
    "costMethod": "average",
    "sales": {"basePrice": "199"},
}


def key_of(api, record_id):
    """The record number of an id."""
    [page] = list(api.get_all_generator(["key"], [{"$eq": {"id": record_id}}]))
    return page[0]["key"]


@step
def contact_post():
    return sorted(SDK.contacts.post(CONTACT)["ia::result"])


@step
def contact_duplicate():
    SDK.contacts.post(CONTACT)


@step
def customer_post():
    return SDK.customers.post(CUSTOMER, idempotent_key="interop-customer")


@step
def customer_post_again():
    return SDK.customers.post(CUSTOMER, idempotent_key="interop-customer") == SEEN["customer_post"]


@step
def customer_post_other_body():
    SDK.customers.post({**CUSTOMER, "name": "Other"}, idempotent_key="interop-customer")


@step
def customer_by_key():
    told = SDK.customers.get_by_key(key_of(SDK.customers, "C-RE"))["ia::result"]
    default = told["contacts"]["default"]
    return [told["id"], told["name"], told["creditLimit"], default["email1"], default["mailingAddress"]["city"]]


@step
def customer_update():
    key = key_of(SDK.customers, "C-RE")
    changed = SDK.customers.update(
        key, {"notes": "changed", "contactList": [{"categoryName": "Support", "contact": {"id": CONTACT["id"]}}]}
    )
    told = SDK.customers.get_by_key(key)["ia::result"]
    return [sorted(changed), told["notes"], [entry["categoryName"] for entry in told["contactList"]]]


@step
def item_post():
    return SDK.items.post(ITEM)["ia::result"]["id"]


@step
def item_update():
    key = key_of(SDK.items, "I-RE")
    SDK.items.update(key, {"sales": {"basePrice": "210.25"}})
    return SDK.items.get_by_key(key)["ia::result"]["sales"]["basePrice"]


@step
def deletes():
    customer, item = key_of(SDK.customers, "C-RE"), key_of(SDK.items, "I-RE")
    gone = [SDK.customers.delete(customer), SDK.items.delete(item)]
    return [gone, SDK.customers.count(filters=[{"$eq": {"id": "C-RE"}}])]


# What is refused.


@step
def unknown_key():
    SDK.customers.get_by_key("99999999")


@step
def unknown_field():
    list(SDK.customers.get_all_generator(["id", "nosuch"]))


@step
def unknown_object():
    list(SDK.customers.get_all_generator(["id"], dimension_name="nosuch"))


@step
def missing_required():
    SDK.items.post({"id": "I-X"})


@step
def bad_operator():
    SDK.customers.count(filters=[{"$like": {"name": "x"}}])


# Troubles of the service; the marks are in the sandbox's fault file.


def marked(mark):
    SDK.customers.count(filters=[{"$eq": {"name": mark}}])


@step
def throttled():
    marked("INTEROP-429")


@step
def forbidden():
    marked("INTEROP-403")


@step
def broken():
    marked("INTEROP-500")


@step
def off_line():
    marked("INTEROP-503")


@step
def token_ended():
    marked("INTEROP-EXPIRE")


@step
def token_renewed():
    return connect().customers.count() > 0


json.dump(SEEN, sys.stdout)
