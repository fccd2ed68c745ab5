"""Any write is answered, and what is refused leaves no trace (reference, 8.1 and 8.2)."""

from collections.abc import Callable
from html import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from .gateway import Running
from .writing import create, update

NAMES = (
    "RECORDNO",
    "CUSTOMERID",
    "CONTACTNAME",
    "ITEMID",
    "NAME",
    "PRINTAS",
    "STATUS",
    "ITEMTYPE",
    "COST_METHOD",
    "BASEPRICE",
    "CREDITLIMIT",
    "ONHOLD",
    "PARENTID",
    "TERMNAME",
    "EMAIL1",
    "WHENMODIFIED",
    "COMMENTS",
    "TAXABLE",
    "TAXSCHEDULE",
    "CONTACT_LIST_INFO",
    "NONSENSE",
)
GROUPS = (
    "DISPLAYCONTACT",
    "MAILADDRESS",
    "BILLTO",
    "WAREHOUSEINFO",
    "CONTACT_LIST_INFO",
    "CONTACT",
    "ITEMWAREHOUSEINFO",
)
TEXTS = st.sampled_from(
    ["", " ", "1", "2", "C-71", "PUMP-8", "Mia Ray", "active", "Kit", "true", "9.5", "x@y.example", "Germany", "nobody"]
) | st.text(st.characters(min_codepoint=32, max_codepoint=0xFFF, exclude_categories=("Cs", "Cc")), max_size=8)
LEAVES = st.builds(lambda name, text: f"<{name}>{escape(text)}</{name}>", st.sampled_from(NAMES), TEXTS)
PARTS = st.recursive(
    LEAVES,
    lambda inner: st.builds(
        lambda name, parts: f"<{name}>{''.join(parts)}</{name}>", st.sampled_from(GROUPS), st.lists(inner, max_size=3)
    ),
    max_leaves=8,
)
RECORDS = st.builds(
    lambda name, parts: f"<{name}>{''.join(parts)}</{name}>",
    st.sampled_from(("CUSTOMER", "CONTACT", "ITEM", "WAREHOUSE")),
    st.lists(PARTS, max_size=6),
)
OBJECTS = ("customer", "contact", "item", "warehouse", "customer-contact", "item-warehouse-inventory")


def snapshot(running: Running) -> dict[str, dict[str, dict[str, object]]]:
    store = running.company.store
    names = [store.catalog.full_name(name) for name in OBJECTS]
    return {name: {key: dict(row) for key, row in store[name].rows.items()} for name in names}


@pytest.mark.parametrize("verb", [create, update])
@pytest.mark.parametrize("strict", [True, False])
def test_a_refused_record_leaves_no_trace(
    start: Callable[..., Running], verb: Callable[..., str], strict: bool
) -> None:
    running = start(xml={"unknown_elements": "error"} if strict else {})

    @given(RECORDS)
    def check(sent: str) -> None:
        before = snapshot(running)
        reply = running.door.request(verb(sent))
        [result] = reply.results
        data = result.find("data")
        count = "0" if data is None else data.get("count")
        if reply.statuses == ["success"]:
            assert count == "1"
            return
        assert (reply.statuses, count) == (["failure"], "0")
        assert all(error["errorno"] and error["description2"] for error in reply.errors())
        assert snapshot(running) == before

    check()


def test_an_operation_taken_back_leaves_no_trace(running: Running) -> None:
    culprit = create("<ITEM><ITEMID>PUMP-8</ITEMID></ITEM>")

    @given(st.lists(RECORDS, min_size=1, max_size=3))
    def check(records: list[str]) -> None:
        before = snapshot(running)
        reply = running.door.request(*map(create, records), culprit, transaction=True)
        assert reply.statuses.count("failure") == 1
        assert "success" not in reply.statuses
        assert snapshot(running) == before

    check()
