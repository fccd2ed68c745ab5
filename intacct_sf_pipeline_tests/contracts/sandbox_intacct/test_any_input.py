"""Whatever JSON a client sends, the service answers it; a refused write changes nothing."""

from copy import deepcopy

from hypothesis import given, settings
from hypothesis import strategies as st

from intacct_sf_pipeline.sandbox.intacct.company import IntacctCompany
from intacct_sf_pipeline.sandbox.intacct.state.sessions import Session
from intacct_sf_pipeline.sandbox.intacct.wire.dispatch import Dispatcher
from intacct_sf_pipeline.sandbox.intacct.wire.messages import ApiRequest
from intacct_sf_pipeline_tests.effort import tries

from .service import TestClock, build_company

SESSION = Session("3", "sync", None, 2**40)
OBJECTS = [
    "accounts-receivable/customer",
    "company-config/contact",
    "inventory-control/item",
    "inventory-control/item-warehouse-inventory",
    "inventory-control/price-list-entry",
]
words = st.sampled_from(
    [
        "key",
        "id",
        "name",
        "status",
        "contacts",
        "default",
        "primary",
        "contactList",
        "categoryName",
        "contact",
        "audit",
        "mailingAddress",
        "country",
        "tax",
        "isoCountryCode",
        "printAs",
        "phone1",
        "item",
        "warehouse",
        "purchasing",
        "standardCost",
        "creditLimit",
        "parent",
        "ia::operation",
        "notes",
        "isOnHold",
        "priceList",
        "value",
        "startDate",
        "group",
    ]
)
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | words | st.text(max_size=8)
payloads = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=5), max_leaves=15
)
records = st.dictionaries(words, payloads, max_size=6)
fields = st.sampled_from(
    ["key", "id", "name", "status", "notes", "audit.modifiedDateTime", "creditLimit", "item.id", "href", "x"]
)
operators = st.sampled_from(
    ["$eq", "$ne", "$gt", "$lte", "$in", "$notIn", "$between", "$contains", "$endsWith", "$has", "$x"]
)
queries = st.fixed_dictionaries(
    {"object": st.sampled_from(OBJECTS), "fields": st.lists(fields, min_size=1, max_size=4)},
    optional={
        "filters": st.lists(
            st.builds(lambda operator, field, value: {operator: {field: value}}, operators, fields, payloads),
            max_size=3,
        ),
        "filterExpression": st.text("12 andor()", max_size=15) | st.none(),
        "orderBy": st.lists(st.dictionaries(fields, st.sampled_from(["asc", "desc"]), max_size=2), max_size=2),
        "size": st.integers(-1, 5000),
        "start": st.integers(-1, 50),
    },
)


def snapshot(company: IntacctCompany) -> dict[str, object]:
    """Every row and every index of the company."""
    tables = company.store.tables.items()
    return {name: (dict(table.rows), dict(table.by_id), deepcopy(table.index)) for name, table in tables}


@settings(max_examples=tries(150), deadline=None)
@given(
    method=st.sampled_from(["POST", "PATCH"]),
    name=st.sampled_from(OBJECTS),
    body=st.dictionaries(words, payloads, max_size=6)
    | st.lists(st.dictionaries(words, payloads, max_size=4), max_size=3)
    | payloads,
    single=st.booleans(),
)
def test_any_payload_is_answered(method: str, name: str, body: object, single: bool) -> None:
    company = build_company(TestClock())
    before = snapshot(company)
    path = f"/objects/{name}/1" if single and method == "PATCH" else f"/objects/{name}"
    reply = Dispatcher(company).answer(ApiRequest(method, path, SESSION, body=body, has_body=True))
    assert reply.status in (200, 201, 207, 400, 404, 405, 422)
    if reply.status >= 400:
        assert company.transactions.total == 0
        assert snapshot(company) == before


@settings(max_examples=tries(150), deadline=None)
@given(body=queries)
def test_any_query_is_answered(body: dict[str, object]) -> None:
    reply = Dispatcher(build_company(TestClock())).answer(
        ApiRequest("POST", "/services/core/query", SESSION, body=body, has_body=True)
    )
    assert reply.status in (200, 400)
