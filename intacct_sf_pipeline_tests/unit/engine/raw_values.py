"""Strategies for raw values as the two services hold them, and the fields they belong to."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from intacct_sf_pipeline.engine.values.normalise import NormaliseContext, RawValue
from intacct_sf_pipeline.model.fields import FieldSpec, FieldType

COUNTRIES = ("US", "GB", "DE", "FR", "IT", "BR", "JP", "MX", "AU", "NL", "SE", "PL", "IE", "AR", "RU", "HU", "CN", "KZ")
STATUS = {"active": True, "inactive": False}
STAGES = {"open": "Open - Not Started", "wonDeal": "Won", "lost": "Lost"}

ADDRESS_LINES = [f"contacts.default.mailingAddress.addressLine{n}" for n in (1, 2, 3)]
_EXTRA: Mapping[FieldType, dict[str, Any]] = {
    FieldType.ENUM: {"values": STAGES},
    FieldType.TABLE: {"values": STAGES},
    FieldType.DECIMAL: {"scale": 2},
    FieldType.REFERENCE: {"to": "accounts"},
    FieldType.COUNTRY: {"intacct": "mailingAddress.isoCountryCode", "salesforce": "BillingCountry"},
    FieldType.STREET: {"intacct": ADDRESS_LINES, "salesforce": "BillingStreet"},
}


def field_of(kind: FieldType, **more: Any) -> FieldSpec:
    """A mapped field of one type, with the columns such a field has."""
    keys = {"name": kind.value, "intacct": "column", "salesforce": "Column__c", "type": kind}
    return FieldSpec.model_validate({**keys, **_EXTRA.get(kind, {}), **more})


contexts = st.builds(
    NormaliseContext,
    country=st.sampled_from((*COUNTRIES, None, "atlantis")),
    default_region=st.sampled_from(("US", "GB", "DE")),
)

blanks = st.text(" \t\n\r\u00a0\u200b\u2003\ufeff", max_size=4)
_LETTERS = "aAbBzZéÉe\u0301ßøØłñÑçİıŉǅΣςσЖжй漢字カ\u3099ガ한\U0001f600"
_MARKS = " \t\n\r\u00a0\u200b\u2028\x85.,;:'\"&/\\|()[]{}<>+-_#*@"
typed_text = st.one_of(
    st.text(max_size=40),
    st.text(_LETTERS + _MARKS + "0123456789", max_size=40),
    st.builds("{}{}{}".format, blanks, st.text(min_size=1, max_size=20), blanks),
)
phone_like = st.one_of(
    typed_text,
    st.text("+0123456789 ()-./x#ext;,=٠٢٩１２", max_size=24),
    st.builds(
        "{}{}{}".format,
        st.sampled_from(("", "+", "00", "011", "tel:", "Tel. ", "+44 (0)", "+1 ", "8 ", "06", "0 15 ")),
        st.from_regex(r"\A[0-9]{2,4}[ .-]?[0-9]{3,4}[ .-]?[0-9]{2,5}\Z"),
        st.sampled_from(("", " x12", " ext. 7", ";ext=400", "#9", " Bob", " / 2", " ext")),
    ),
)
place_like = st.one_of(
    typed_text,
    st.sampled_from(
        ("US", "usa", "U.S.", "Deutschland", "the netherlands", "Calif.", "ca", "New York", "NSW", "Québec", "ZZ")
    ),
    st.text("ABCDabcd ", max_size=4),
)
postal_like = st.one_of(typed_text, st.from_regex(r"\A[A-Za-z0-9]{2,5}[ -]{0,2}[A-Za-z0-9]{0,5}\Z"))
numbers = st.one_of(
    st.integers(-(10**12), 10**12),
    st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12),
    st.floats(-1e9, 1e9),
    st.decimals(-(10**9), 10**9, places=10).map(lambda number: f"{number:f}"),
    st.decimals(-(10**9), 10**9, places=3).map(lambda number: f"  {number:e} "),
)
moments = st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1)).map(lambda moment: moment.replace(tzinfo=UTC))  # noqa: DTZ001 - made aware
_zones = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
typed_moments = st.one_of(
    moments,
    moments.map(lambda moment: f"{moment:%Y-%m-%dT%H:%M:%S}Z"),
    moments.map(lambda moment: f"{moment:%Y-%m-%dT%H:%M:%S}.000+0000"),
    moments.map(lambda moment: f"{moment:%Y-%m-%dT%H:%M:%S}.000Z"),
    st.builds(lambda moment, zone: moment.astimezone(zone), moments, _zones),
)
_ids = st.from_regex(r"\A00[13][A-Za-z0-9]{12}\Z")

RAW: Mapping[FieldType, st.SearchStrategy[RawValue]] = {
    FieldType.TEXT: st.one_of(typed_text, numbers, st.booleans(), moments),
    FieldType.MULTILINE: typed_text,
    FieldType.STREET: st.one_of(typed_text, st.tuples(*[st.one_of(st.none(), typed_text)] * 3)),
    FieldType.PHONE: phone_like,
    FieldType.EMAIL: st.one_of(typed_text, st.emails()),
    FieldType.COUNTRY: place_like,
    FieldType.STATE: place_like,
    FieldType.POSTAL_CODE: postal_like,
    FieldType.DECIMAL: numbers,
    FieldType.BOOLEAN: st.sampled_from((True, False, "true", "FALSE", "T", "f", "1", 0, 1, Decimal(1), " true ")),
    FieldType.ENUM: st.nothing(),
    FieldType.TABLE: st.nothing(),
    FieldType.DATETIME: typed_moments,
    FieldType.REFERENCE: st.one_of(_ids, st.integers(1, 10**6).map(str)),
}
"""Raw values by field type; those of an enum or a table depend on the side (`enum_words`)."""

enum_words = {
    "intacct": st.sampled_from([*STAGES, *(word.upper() for word in STAGES)]),
    "salesforce": st.sampled_from([*STAGES.values(), *(f" {word.lower()} " for word in STAGES.values())]),
}
