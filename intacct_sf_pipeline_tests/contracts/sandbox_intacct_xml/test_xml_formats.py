"""Dates and times as the user has them, both ways (reference, 6)."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intacct_sf_pipeline.sandbox.intacct.options import XmlOptions
from intacct_sf_pipeline.sandbox.intacct.xml.formats import Formats, parse_offset, user_formats
from intacct_sf_pipeline.sandbox.intacct.xml.switches import parse_switches

from .gateway import Running, op

moments = st.integers(-2_208_902_400, 7_258_032_000).map(
    lambda second: datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
)
formats = st.builds(
    Formats,
    st.integers(-14 * 60, 14 * 60).map(lambda minutes: timedelta(minutes=minutes)),
    st.sampled_from(["/mdY", ".dmY", "-Ymd", "-dmY"]),
    st.sampled_from(["12", "24"]),
)


@given(moment=moments, how=formats)
def test_what_is_shown_reads_back_as_the_same_moment(moment: str, how: Formats) -> None:
    assert how.read_stamp(how.show_stamp(moment)) == moment
    assert how.read_date(how.show_date(moment[:10])) == moment[:10]


@given(text=st.text(max_size=25), how=formats)
def test_any_text_is_read_or_refused(text: str, how: Formats) -> None:
    assert how.read_stamp(text) is None or len(str(how.read_stamp(text))) == 20
    assert how.read_date(text) is None or len(str(how.read_date(text))) == 10


@pytest.mark.parametrize(
    "text",
    [
        "2026-08-01",
        "2026-08-01T00:00:00",
        "13/01/2026",
        "02/30/2026",
        "1/2/26",
        "08/01/2026 25:00:00",
        "08/01/2026T1:2:3",
    ],
)
def test_other_notations_are_refused(text: str) -> None:
    assert Formats().read_stamp(text) is None


def test_stamps_follow_the_users_offset(start: Callable[..., Running]) -> None:
    running = start({"gmt_offset": "+05:30"})
    where = op("equalto", "WHENMODIFIED", "08/01/2026 15:00:00")
    rows = running.door.query("CUSTOMER", "CUSTOMERID", "WHENMODIFIED", where=where).rows()
    assert rows == [{"CUSTOMERID": "C-71", "WHENMODIFIED": "08/01/2026 15:00:00"}]


def test_a_switch_makes_them_utc(start: Callable[..., Running]) -> None:
    running = start({"gmt_offset": "+05:30", "always_utc": True})
    where = op("equalto", "WHENMODIFIED", "08/01/2026 09:30:00")
    assert len(running.door.query("CUSTOMER", "CUSTOMERID", where=where).rows()) == 1
    told = running.door.request("<readUserFormatting><userId>sync</userId></readUserFormatting>").data
    assert told.findtext("userformatting/gmtoffset") == "+05:30"


def test_a_switch_makes_other_preferences_count(start: Callable[..., Running]) -> None:
    preferences: dict[str, object] = {"date_format": "-Ymd", "clock": "12"}
    where = op("equalto", "CUSTOMERID", "C-71")
    plain = start(preferences).door.query("CUSTOMER", "WHENMODIFIED", where=where).rows()
    followed = (
        start(preferences | {"format_follows_user": True}).door.query("CUSTOMER", "WHENMODIFIED", where=where).rows()
    )
    assert (plain[0]["WHENMODIFIED"], followed[0]["WHENMODIFIED"]) == ("08/01/2026 09:30:00", "2026-08-01 09:30:00 AM")


def test_dates_have_no_zone(start: Callable[..., Running]) -> None:
    running = start({"gmt_offset": "-11:00"})
    running.company.edit("item", "CARE", {"notes": "x"})
    running.company.add_custom_field("item", "nsp::DUE", "date")
    running.company.edit("item", "CARE", {"nsp::DUE": "2026-03-01"})
    assert running.door.query("ITEM", "DUE", where=op("equalto", "DUE", "03/01/2026")).rows() == [{"DUE": "03/01/2026"}]


@pytest.mark.parametrize("text", ["8:00", "+8:00", "UTC", "", "+08:00:00"])
def test_an_offset_has_hours_and_minutes(text: str) -> None:
    with pytest.raises(ValueError, match="GMT offset"):
        parse_offset(text)


def test_switches_are_read_from_texts() -> None:
    options = parse_switches(
        [
            "gmt-offset=-08:00",
            "always_utc=true",
            "throttle_retry_after=none",
            "concurrency=7",
            "result_id_minutes=1.5",
            "contact_list=",
        ]
    )
    assert options == XmlOptions(
        gmt_offset="-08:00", always_utc=True, concurrency=7, result_id_minutes=1.5, contact_list=""
    )
    assert user_formats(options) == Formats()


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("gmt_offset", "NAME=VALUE"),
        ("hats=1", "gmt_offset"),
        ("gmt_offset=noon", "GMT offset"),
        ("clock=13", "24, 12"),
        ("always_utc=perhaps", "true"),
        ("concurrency=-1", "whole number"),
        ("session_hours=nan", "number"),
        ("date_format=/xyz", "separator"),
    ],
)
def test_a_wrong_switch_says_what_would_be_right(text: str, word: str) -> None:
    with pytest.raises(ValueError, match=word):
        parse_switches([text])
