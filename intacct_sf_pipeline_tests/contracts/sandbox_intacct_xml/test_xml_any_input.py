"""Whatever a client sends, the gateway answers it; a refused request changes nothing."""

from xml.etree import ElementTree

from hypothesis import given, settings
from hypothesis import strategies as st

from intacct_sf_pipeline.sandbox.faults.plan import Hit
from intacct_sf_pipeline.sandbox.intacct.company import IntacctCompany
from intacct_sf_pipeline.sandbox.intacct.faults.disturbance import Disturbance
from intacct_sf_pipeline.sandbox.intacct.xml.gateway import Gateway, Seen
from intacct_sf_pipeline.sandbox.intacct.xml.handlers import READS
from intacct_sf_pipeline.sandbox.intacct.xml.reply import XmlReply
from intacct_sf_pipeline_tests.effort import tries

from .gateway import LOGIN, Door, TestClock, build_company

TAGS = """
    request control operation function query object select field filter and or in equalto value read keys fields
    readByQuery pagesize offset options orderby order count sum max isnull like between returnformat docparid
"""
WORDS = """
    CUSTOMER CONTACT ITEM AUDITHISTORY RECORDNO NAME WHENMODIFIED STATUS 1 0 -1 true DISPLAYCONTACT.PHONE1 * % T
    09/10/2026 ITEMWAREHOUSEINFO INVENTORYTOTALDETAIL QUANTITY
"""
tags = st.sampled_from([*TAGS.split(), *READS])
words = st.sampled_from(WORDS.split()) | st.text(alphabet="ab1'\\%_<>&;()=é ", max_size=6)


def element(tag: str, inside: str) -> str:
    return f"<{tag}>{inside}</{tag}>"


escaped = words.map(lambda text: text.replace("&", "&amp;").replace("<", "&lt;"))
trees = st.recursive(
    st.builds(element, tags, escaped),
    lambda inner: st.builds(element, tags, st.lists(inner, max_size=4).map("".join)),
    max_leaves=12,
)
operators = st.sampled_from(["equalto", "lessthan", "like", "in", "notin", "notlike", "greaterthan", "isnull"])


def operator(field: str, name: str, value: str) -> str:
    values = "" if name == "isnull" else f"<value>{value}</value>"
    return f"<{name}><field>{field}</field>{values}</{name}>"


fitting = st.builds(
    lambda name, columns, where: f"<query><object>{name}</object><select>{columns}</select>{where}</query>",
    words.filter(str.isalpha),
    st.lists(
        st.builds(element, st.sampled_from(["field", "count", "max", "sum", "avg"]), escaped), min_size=1, max_size=3
    ).map("".join),
    st.just("") | st.builds(operator, escaped, operators, escaped).map(lambda inside: f"<filter>{inside}</filter>"),
)


def answer(company: IntacctCompany, body: bytes) -> XmlReply:
    nothing: tuple[Hit, ...] = ()
    return Gateway(company).answer(body, "http://127.0.0.1/x", 0, Seen(), Disturbance(company, nothing))


def check(reply: XmlReply) -> None:
    assert reply.status in (200, 400, 401)
    if reply.content_type.startswith("text/xml"):
        root = ElementTree.fromstring(reply.body)
        assert root.findtext("control/status") in ("success", "failure")


@settings(max_examples=tries(150), deadline=None)
@given(
    body=st.binary(max_size=60) | trees.map(str.encode) | st.text(max_size=60).map(lambda text: text.encode("utf-16"))
)
def test_any_body_is_answered(body: bytes) -> None:
    check(answer(build_company(TestClock()), body))


@settings(max_examples=tries(150), deadline=None)
@given(call=trees | fitting)
def test_any_call_is_answered(call: str) -> None:
    company = build_company(TestClock())
    before = {name: dict(table.rows) for name, table in company.store.tables.items()}
    reply = answer(company, Door("").body(call, auth=LOGIN).encode())
    check(reply)
    if b"<create" not in reply.body:
        assert {name: table.rows for name, table in company.store.tables.items()} == before


@settings(max_examples=tries(150), deadline=None)
@given(text=st.text(alphabet="()= '\\%<>,.ANDORNTISULKE abR1\n", max_size=40))
def test_any_condition_is_answered(text: str) -> None:
    escaped_text = text.replace("&", "&amp;").replace("<", "&lt;")
    call = f"<readByQuery><object>CONTACT</object><query>{escaped_text}</query></readByQuery>"
    reply = answer(build_company(TestClock()), Door("").body(call, auth=LOGIN).encode())
    assert b"DL02000001" in reply.body or b"<status>success</status><function>" in reply.body.replace(
        b"\n", b""
    ).replace(b" ", b"")
