"""The pure parts of the XML connector: documents, formats, lists."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intacct_sf_pipeline.connectors.intacct.contact_list import ListChange
from intacct_sf_pipeline.connectors.intacct.xml.contact_lists import Entry, EntryGoneError, renewed
from intacct_sf_pipeline.connectors.intacct.xml.document import NotXmlError, element, parse, render
from intacct_sf_pipeline.connectors.intacct.xml.formats import Formats, read_offset
from intacct_sf_pipeline.connectors.intacct.xml.payload import control_id

ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@given(st.text())
def test_any_text_goes_out_and_comes_back_without_what_xml_cannot_hold(text: str) -> None:
    assert (parse(render(element("a", text))).text or "") == ILLEGAL.sub("", text)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<a>",
        b"<a/><b/>",
        b"not xml",
        b"<!DOCTYPE a><a/>",
        b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>',
        b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
        '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>'.encode("utf-16"),
        b'<?xml version="1.0" encoding="no-such"?><a/>',
        b"<a>&undefined;</a>",
    ],
)
def test_nothing_but_plain_well_formed_xml_is_read(content: bytes) -> None:
    with pytest.raises(NotXmlError):
        parse(content)


formats = st.builds(
    Formats,
    offset=st.integers(-14 * 4, 14 * 4).map(lambda quarters: timedelta(minutes=15 * quarters)),
    order=st.sampled_from(["/mdY", "-dmY", ".dmY", "-Ymd"]),
    clock=st.sampled_from(["24", "12"]),
)
moments = st.integers(631152000, 3786912000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))


@given(formats, moments)
def test_a_stamp_comes_back_as_the_same_moment(form: Formats, moment: datetime) -> None:
    assert form.read_stamp(form.stamp_text(moment)) == moment
    assert form.read_date(form.date_text(moment.date())) == moment.date()


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("12/31/2024 23:59:58", datetime(2024, 12, 31, 23, 59, 58, tzinfo=UTC)),
        ("12/31/2024", datetime(2024, 12, 31, tzinfo=UTC)),
        ("2024-12-31T23:59:58+02:00", datetime(2024, 12, 31, 21, 59, 58, tzinfo=UTC)),
        ("31/12/2024", None),
        ("12/31/2024 25:00:00", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_stamps_of_every_documented_shape_are_understood(text: str, moment: datetime | None) -> None:
    assert Formats().read_stamp(text) == moment


@pytest.mark.parametrize(
    ("text", "hours"), [("-08:00", -8), ("+05:30", 5.5), ("GMT+01:00", 1), ("+0000", 0), ("x", None)]
)
def test_offsets_are_understood(text: str, hours: float | None) -> None:
    assert read_offset(text) == (None if hours is None else timedelta(hours=hours))


@given(st.text(max_size=400), st.text(max_size=400), st.text(max_size=20))
def test_control_ids_fit_tell_keys_apart_and_are_stable(one: str, two: str, step: str) -> None:
    made = control_id("acme", one or "k", step)
    assert len(made) <= 256
    assert made == control_id("acme", one or "k", step)
    assert made.startswith("acme|")
    assert (made == control_id("acme", two or "k", step)) == ((one or "k") == (two or "k"))
    assert made != control_id("other", one or "k", step)


PEOPLE = ("10", "20", "30")
NAMES = {key: f"N{key}" for key in PEOPLE}
CATEGORIES = st.none() | st.sampled_from(["Boss", "Buyer"])
LISTS = st.dictionaries(st.sampled_from(PEOPLE), CATEGORIES).map(
    lambda given_: [Entry(f"e{key}", key, category, NAMES[key]) for key, category in given_.items()]
)


@given(LISTS, st.sampled_from(PEOPLE), CATEGORIES, st.sampled_from(["add", "rename", "remove"]), st.booleans())
def test_a_renewed_list_differs_only_where_it_was_asked_to(
    entries: list[Entry], contact: str, category: str | None, what: str, stale: bool
) -> None:
    key = "old" if stale else f"e{contact}"
    wanted: dict[str, object] = {"key": key, "categoryName": category}
    if what == "add":
        wanted = {"contact": {"key": contact}, "categoryName": category}
    elif what == "remove":
        wanted = {"key": key, "ia::operation": "delete"}
    change = ListChange("r", "1", wanted, contact_key=contact)
    present = [entry for entry in entries if entry.contact_key == contact]
    if what == "rename" and not present:
        with pytest.raises(EntryGoneError):
            renewed(entries, [change], NAMES)
        return
    now = renewed(entries, [change], NAMES)
    others = [entry for entry in entries if entry.contact_key != contact]
    assert [entry for entry in now if entry.contact_key != contact] == others
    mine = [entry.category for entry in now if entry.contact_key == contact]
    before = [entry.category for entry in present]
    assert (
        mine
        == {"add": [*before, *([] if category in before else [category])], "rename": [category], "remove": []}[what]
    )
