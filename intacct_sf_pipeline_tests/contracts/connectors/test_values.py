"""Values on the wire: nothing is rounded, renamed or lost."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intacct_sf_pipeline.connectors.values import dump_json, format_time, load_json, nest, parse_time

DECIMALS = st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**14), max_value=10**14)
OLDEST, LATEST = datetime(1990, 1, 1), datetime(2100, 1, 1)  # noqa: DTZ001 - hypothesis wants naive bounds
NAMES = st.text(alphabet="abcXYZ_", min_size=1, max_size=5)


@given(DECIMALS)
def test_decimals_travel_digit_by_digit_as_numbers(value: Decimal) -> None:
    sent = dump_json({"v": value})
    assert b'"' not in sent.replace(b'"v"', b"")
    back = json.loads(sent, parse_float=Decimal, parse_int=Decimal)["v"]
    assert (back, str(back)) == (value, format(value, "f"))


def test_fractions_are_read_as_decimals() -> None:
    assert load_json(b'{"a": 0.10, "b": 3}') == {"a": Decimal("0.10"), "b": 3}


@pytest.mark.parametrize("value", ["NaN", "Infinity"])
def test_numbers_that_are_not_finite_are_refused(value: str) -> None:
    with pytest.raises((ValueError, TypeError)):
        dump_json({"v": Decimal(value)})


def flat(tree: Mapping[str, object], prefix: str = "") -> dict[str, object]:
    found: dict[str, object] = {}
    for name, value in tree.items():
        if isinstance(value, dict):
            found |= flat(value, f"{prefix}{name}.")
        else:
            found[prefix + name] = value
    return found


@given(st.dictionaries(st.lists(NAMES, min_size=1, max_size=4).map(".".join), st.none() | st.text() | st.integers()))
def test_nesting_keeps_every_value_under_its_name_or_refuses(values: dict[str, object]) -> None:
    clash = any(other.startswith(name + ".") for name in values for other in values)
    if clash:
        with pytest.raises(ValueError, match="as a value and as a group"):
            nest(values)
    else:
        assert flat(nest(values)) == values


@pytest.mark.parametrize(
    "text", ["2026-01-05T10:11:12Z", "2026-01-05T10:11:12.000+0000", "2026-01-05T11:11:12+01:00", "2026-01-05T10:11:12"]
)
def test_the_vendors_spellings_of_a_time_mean_the_same(text: str) -> None:
    assert parse_time(text) == datetime(2026, 1, 5, 10, 11, 12, tzinfo=UTC)


@given(st.datetimes(min_value=OLDEST, max_value=LATEST), st.integers(-720, 720))
def test_a_time_sent_reads_back_as_the_same_second(moment: datetime, minutes: int) -> None:
    aware = moment.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    assert parse_time(format_time(aware)) == aware.astimezone(UTC).replace(microsecond=0)


@pytest.mark.parametrize("value", [None, "", "soon", 5])
def test_what_is_no_time_reads_as_none(value: object) -> None:
    assert parse_time(value) is None
