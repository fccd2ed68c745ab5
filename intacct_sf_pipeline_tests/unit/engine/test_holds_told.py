"""What Salesforce records are told of their holds: once, as long as it is true, and cleared afterwards."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from intacct_sf_pipeline.engine.people.status_fields import concerns, cut
from intacct_sf_pipeline.model.notices import Notice

RECORDS = st.sampled_from([None, "001A", "001B"])
TEXTS = st.sampled_from(["too long.", "refused.", "twice."])


@st.composite
def worlds(draw):
    """Some holds, and then the same holds later: some closed, some with other words, some about another record."""
    count = draw(st.integers(0, 5))
    return [[Notice(n, draw(RECORDS), draw(TEXTS), draw(st.booleans()), None) for n in range(count)] for _ in range(3)]


def tell(notices, shown):
    """One run: tell all that is due, and remember it; the records told."""
    due = [c for c in concerns(_remembering(notices, shown)) if not c.is_told]
    for concern in due:
        shown.update(concern.remembered)
    return [concern.salesforce_id for concern in due]


def _remembering(notices, shown):
    known = [Notice(n.hold_id, n.salesforce_id, n.text, n.is_open, shown.get(n.hold_id)) for n in notices]
    return [n for n in known if n.is_open or n.shown]


@given(worlds())
def test_after_two_runs_nothing_is_left_to_tell_and_what_is_told_is_true(states):
    shown: dict[int, str | None] = {}
    for notices in states:
        tell(notices, shown)
        tell(notices, shown)
        assert tell(notices, shown) == []
        for notice in notices:
            told = shown.get(notice.hold_id)
            if notice.is_open and notice.salesforce_id:
                assert told is not None
                assert told.startswith(f"{notice.salesforce_id}:")
            else:
                assert told is None


def test_a_record_with_two_holds_is_told_both_at_once():
    (concern,) = concerns([Notice(1, "001A", "a.", True, None), Notice(2, "001A", "b.", True, None)])
    assert (concern.text, set(concern.remembered)) == ("a. b.", {1, 2})


def test_a_closed_hold_whose_record_still_says_so_has_to_be_cleared():
    (before,) = concerns([Notice(1, "001A", "a.", True, None)])
    (after,) = concerns([Notice(1, "001A", "a.", False, before.mark)])
    assert (after.is_told, after.text, after.remembered) == (False, "", {1: None})


def test_other_words_are_told_anew():
    (before,) = concerns([Notice(1, "001A", "a.", True, None)])
    (after,) = concerns([Notice(1, "001A", "b.", True, before.mark)])
    assert not after.is_told


@given(st.text(), st.integers(1, 300))
def test_a_text_is_cut_to_what_fits_and_shows_it(text, most):
    assert len(cut(text, most)) <= most
    assert cut(text, None) == text
    assert (cut(text, most) == text) == (len(text) <= most) or text[:most].endswith("…")
    if len(text) > most:
        assert cut(text, most).endswith("…")
