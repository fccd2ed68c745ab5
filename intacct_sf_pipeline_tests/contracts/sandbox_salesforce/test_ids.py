"""Ids: check characters, the two lengths, restoring letter case."""

import string

from hypothesis import given
from hypothesis import strategies as st

from intacct_sf_pipeline.sandbox.salesforce.ids import IdFactory, check_characters, looks_like_id, to_long

SHORT_IDS = st.text(alphabet=string.ascii_letters + string.digits, min_size=15, max_size=15)


def test_check_characters_worked_by_hand() -> None:
    # Blocks "001D0", "00000", "IRFmA": D is bit 3 (8 = I); none (0 = A); I, R, F are bits 0-2, A bit 4 (23 = X).
    assert check_characters("001D000000IRFmA") == "IAX"
    assert check_characters("001000000000001") == "AAA"


@given(SHORT_IDS)
def test_each_check_character_spells_the_capitals_of_its_block(short: str) -> None:
    suffix = check_characters(short)
    for block, mark in enumerate(suffix):
        bits = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345".index(mark)
        assert [bool(bits >> k & 1) for k in range(5)] == [
            c in string.ascii_uppercase for c in short[block * 5 : block * 5 + 5]
        ]


@given(SHORT_IDS)
def test_short_and_long_form_name_the_same_row(short: str) -> None:
    long_form = to_long(short)
    assert long_form is not None
    assert len(long_form) == 18
    assert to_long(long_form) == long_form
    assert long_form[:15] == short


@given(SHORT_IDS)
def test_letter_case_lost_in_a_case_insensitive_store_is_restored(short: str) -> None:
    long_form = to_long(short)
    assert long_form is not None
    assert to_long(long_form.lower()) == long_form
    assert to_long(long_form.upper()) == long_form


@given(SHORT_IDS.filter(lambda s: any(c.isupper() for c in s) and any(c.islower() for c in s)))
def test_wrong_check_characters_are_refused(short: str) -> None:
    suffix = check_characters(short)
    wrong = ("B" if suffix[0] == "A" else "A") + suffix[1:]
    assert to_long(short + wrong) is None


@given(st.text(max_size=20).filter(lambda s: not (s.isascii() and s.isalnum())))
def test_other_text_is_no_id(text: str) -> None:
    assert not looks_like_id(text)
    assert to_long(text) is None


def test_the_factory_never_repeats_and_ascends() -> None:
    factory = IdFactory()
    taken = {factory.new("001") for _ in range(200)}
    made = [factory.new("001", taken) for _ in range(200)]
    assert len(taken | set(made)) == 400
    assert made == sorted(made)
    assert all(to_long(one) == one for one in made)
