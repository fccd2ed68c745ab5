"""A body is fetched unless its preview is all of it; what is read is the same either way."""

from __future__ import annotations

import base64
import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intacct_sf_pipeline.connectors.salesforce.note_preview import whole_text
from intacct_sf_pipeline.connectors.salesforce.plain_text import plain_text
from intacct_sf_pipeline.model.windows import Window
from intacct_sf_pipeline.sandbox.salesforce.rules.documents import text_preview

from .builders import salesforce_feed
from .rigs import SalesforceRig

NOTES = salesforce_feed("ContentNote", modified="LastModifiedDate", stamp=None)
WORDS = st.text(st.characters(blacklist_categories=["Cs", "Cc"]), max_size=12).map(html.escape)
INLINE = st.sampled_from(["<b>", "</b>", "<i>", "<br>", "<br/>", "&nbsp;", "&#8217;", "&quot;", "'", " ", "  "])
LINES = st.lists(st.one_of(WORDS, INLINE), max_size=8).map("".join)
BODIES = st.one_of(
    LINES,
    st.lists(LINES, max_size=3).map(lambda lines: "".join(f"<p>{line}</p>" for line in lines)),
    st.integers(200, 300).map(lambda size: "x" * size),
)
"""As the editor makes them, paragraph by paragraph, or as programs do, without any."""


@given(BODIES)
def test_what_the_preview_is_believed_for_is_what_the_body_says(body: str) -> None:
    shown = whole_text(text_preview(body.encode()), len(body.encode()))
    assert shown is None or shown == re.sub(" +", " ", plain_text(body))  # as HTML is read


@pytest.mark.parametrize(
    ("body", "saves"),
    [
        ("Prefers e-mail.", True),
        ("<p>Prefers e-mail.</p>", True),
        ("<p>It's urgent</p>", True),
        ("<p>It&#39;s urgent</p>", False),
        ("", True),
        ("<p>one</p><p>two</p>", False),
        ("a &amp; b", False),
        ("<p>" + "x" * 255 + "</p>", False),
    ],
)
def test_short_notes_of_one_paragraph_cost_no_call_of_their_own(
    salesforce_rig: SalesforceRig, body: str, saves: bool
) -> None:
    (account,) = salesforce_rig.seed(["One"])
    org = salesforce_rig.sandbox.org
    encoded = base64.b64encode(body.encode()).decode()
    note = org.create_as(org.person, "ContentNote", {"Title": "T", "Content": encoded})
    org.create_as(org.person, "ContentDocumentLink", {"ContentDocumentId": note, "LinkedEntityId": account})
    connector = salesforce_rig.connector()
    list(connector.read(NOTES, ["Title"], Window()))  # what a first read asks for besides
    before = connector.spend().billed
    (page,) = connector.read(NOTES, ["Title", "Content", "LinkedEntityId"], Window())
    assert [row.values for row in page.rows] == [
        {"Title": "T", "Content": plain_text(body), "LinkedEntityId": account},
    ]
    assert connector.spend().billed - before == 2 + (not saves)


@pytest.mark.parametrize(("preview", "size"), [(None, None), ("x", None), (None, 5), ("x", "many"), (3, 1), ("x", 2)])
def test_a_preview_that_proves_nothing_is_not_believed(preview: object, size: object) -> None:
    assert whole_text(preview, size) is None  # type: ignore[arg-type] # whatever a service may send
