"""The default contact and the contact list, from both sides (reference, 5.6, 5.7, 6.3)."""

from collections.abc import Callable

import pytest

from .service import Running, detail_of, fault

CUSTOMER, CONTACT = "accounts-receivable/customer", "company-config/contact"
LIST = "accounts-receivable/customer-contact"
MODIFIED = "audit.modifiedDateTime"


def patch(running: Running, key: str, payload: dict[str, object]) -> None:
    reply = running.api.call("PATCH", f"/objects/{CUSTOMER}/{key}", payload)
    assert reply.status_code == 200, reply.text


def entries(running: Running, customer: str) -> list[tuple[object, object, object]]:
    rows = running.api.rows(
        object=LIST,
        fields=["key", "categoryName", "contact.id"],
        filters=[{"$eq": {"customer.id": customer}}],
        orderBy=[{"key": "asc"}],
    )
    return [(row["key"], row["categoryName"], row["contact.id"]) for row in rows]


def test_a_customer_without_contact_gets_a_display_contact(running: Running) -> None:
    key = running.api.call("POST", f"/objects/{CUSTOMER}", {"id": "CC-1", "name": "Acme"}).json()["ia::result"]["key"]
    shown = running.api.row(CUSTOMER, key, "contacts.default.id", "contacts.default.printAs")
    assert shown == {"contacts.default.id": "Acme(CCC-1)", "contacts.default.printAs": "Acme"}
    contact = running.api.rows(object=CONTACT, fields=["mailingAddress.isoCountryCode", "tax.isTaxable"],
                               filters=[{"$eq": {"id": "Acme(CCC-1)"}}])  # fmt: skip
    assert contact == [{"mailingAddress.isoCountryCode": "US", "tax.isTaxable": False}]


def test_inline_members_are_the_display_contacts_own(running: Running) -> None:
    payload = {
        "id": "C-5",
        "name": "Fern",
        "contacts": {
            "default": {
                "printAs": "Fern GmbH",
                "phone1": "+49 30 1",
                "mailingAddress": {"city": "Köln", "isoCountryCode": "de"},
            }
        },
    }
    assert running.api.call("POST", f"/objects/{CUSTOMER}", payload).status_code == 201
    contact = running.company.read("contact", "Fern(CC-5)", "printAs", "phone1", "mailingAddress.city",
                                   "mailingAddress.isoCountryCode", "mailingAddress.country")  # fmt: skip
    assert contact == {
        "printAs": "Fern GmbH",
        "phone1": "+49 30 1",
        "mailingAddress.city": "Köln",
        "mailingAddress.isoCountryCode": "de",
        "mailingAddress.country": "Germany",
    }


def test_editing_inline_edits_the_contact_and_touches_both(running: Running) -> None:
    running.clock.advance(hours=1)
    patch(running, "1", {"contacts": {"default": {"phone1": "555-0199", "mailingAddress": {"city": "Oslo"}}}})
    country = "contacts.default.mailingAddress.isoCountryCode"
    shown = running.api.row(CUSTOMER, "1", "contacts.default.phone1", country, MODIFIED)
    assert shown == {
        "contacts.default.phone1": "555-0199",
        country: "US",
        MODIFIED: "2026-09-10T09:00:00Z",
    }
    contact = running.company.read("contact", "Blue Fern Ltd(CC-71)", "phone1", "mailingAddress.city", MODIFIED)
    assert contact == {"phone1": "555-0199", "mailingAddress.city": "Oslo", MODIFIED: "2026-09-10T09:00:00Z"}
    assert running.company.transactions.records_written == 1


@pytest.mark.parametrize("touches", [False, True])
def test_editing_the_contact_shows_in_the_customer(start: Callable[..., Running], touches: bool) -> None:
    running = start(contact_edit_touches_customer=touches)
    running.clock.advance(hours=1)
    running.company.edit("contact", "Blue Fern Ltd(CC-71)", {"phone1": "555-0142"})
    shown = running.api.row(CUSTOMER, "1", "contacts.default.phone1", MODIFIED)
    assert shown["contacts.default.phone1"] == "555-0142"
    assert shown[MODIFIED] == ("2026-09-10T09:00:00Z" if touches else "2026-08-01T09:30:00Z")


def test_the_default_contact_can_be_another_but_not_none(running: Running) -> None:
    patch(running, "1", {"contacts": {"default": {"id": "Lea Fox"}}})
    patch(running, "1", {"contacts": {"default": {"email1": "lea@x.example"}}})
    assert running.company.read("contact", "Lea Fox", "email1") == {"email1": "lea@x.example"}
    reply = running.api.call("PATCH", f"/objects/{CUSTOMER}/1", {"contacts": {"default": None}})
    assert reply.status_code == 422


def test_the_contact_list_takes_additions_changes_and_removals_in_one_call(running: Running) -> None:
    patch(running, "2", {"contactList": [{"categoryName": "Ops", "contact": {"key": "2"}}]})
    assert entries(running, "C-72") == [("1", "Support", "Mia Ray"), ("2", "Ops", "Lea Fox")]
    running.clock.advance(minutes=1)
    patch(running, "2", {"contactList": [
        {"key": "1", "categoryName": "Billing"},
        {"key": "2", "ia::operation": "delete"},
        {"categoryName": "Main", "contact": {"id": "Lea Fox"}}]})  # fmt: skip
    assert entries(running, "C-72") == [("1", "Billing", "Mia Ray"), ("3", "Main", "Lea Fox")]
    assert running.api.row(CUSTOMER, "2", MODIFIED) == {MODIFIED: "2026-09-10T08:01:00Z"}
    assert running.api.row(LIST, "1", MODIFIED) == {MODIFIED: "2026-09-10T08:01:00Z"}


def test_a_pair_already_there_is_skipped_silently(running: Running) -> None:
    patch(running, "2", {"contactList": [{"categoryName": "Support", "contact": {"id": "Mia Ray"}}]})
    assert entries(running, "C-72") == [("1", "Support", "Mia Ray")]


def test_one_contact_may_belong_to_several_customers(running: Running) -> None:
    patch(running, "1", {"contactList": [{"categoryName": "Support", "contact": {"id": "Mia Ray"}}]})
    assert [entries(running, customer)[0][2] for customer in ("C-71", "C-72")] == ["Mia Ray", "Mia Ray"]


@pytest.mark.parametrize(
    ("element", "status"),
    [
        ({"categoryName": "A"}, 400),
        ({"categoryName": "A", "contact": {"id": "Nobody"}}, 422),
        ({"key": "404", "categoryName": "A"}, 422),
        ({"key": "1", "colour": "A"}, 400),
        ({"key": "1", "ia::operation": "explode"}, 400),
        ({"ia::operation": "delete"}, 400),
        ({"categoryName": "A", "contact": {"id": "Mia Ray"}, "customer": {"id": "C-71"}}, 400),
    ],
)
def test_a_bad_element_undoes_the_whole_update(running: Running, element: dict[str, object], status: int) -> None:
    payload = {"notes": "new", "contactList": [{"categoryName": "Ops", "contact": {"id": "Lea Fox"}}, element]}
    reply = running.api.call("PATCH", f"/objects/{CUSTOMER}/2", payload)
    assert reply.status_code == status
    assert fault(reply)["details"]
    assert entries(running, "C-72") == [("1", "Support", "Mia Ray")]
    assert running.api.row(CUSTOMER, "2", "notes") == {"notes": None}


def test_an_entry_of_another_customer_is_out_of_reach(running: Running) -> None:
    reply = running.api.call(
        "PATCH", f"/objects/{CUSTOMER}/1", {"contactList": [{"key": "1", "ia::operation": "delete"}]}
    )
    assert reply.status_code == 422
    assert "not an entry of this customer" in str(detail_of(reply)["message"])
