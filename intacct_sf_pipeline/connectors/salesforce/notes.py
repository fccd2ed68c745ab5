"""Enhanced notes as a feed: one row per note and account it is linked to.

A note lives in three objects: `ContentNote` (title, body), `ContentDocumentLink` (where it is attached) and the
body's own address. Rows have the key `noteid|accountid` and the columns Title, Content (plain text) and
LinkedEntityId. A body takes a call of its own, unless the query shows that its preview is all of it. A deleted note is
told of by one row whose key is the note id alone: it stands for all rows whose key begins with that id. Taking a note
off an account without changing the note leaves no stamp behind, so only a full read shows it. Source: Object Reference
(ContentNote, ContentDocumentLink).
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

from intacct_sf_pipeline.connectors.http import Call
from intacct_sf_pipeline.connectors.salesforce.client import SalesforceClient
from intacct_sf_pipeline.connectors.salesforce.ids import ACCOUNT_PREFIX, full_id
from intacct_sf_pipeline.connectors.salesforce.note_preview import COLUMNS as PREVIEW
from intacct_sf_pipeline.connectors.salesforce.note_preview import whole_text
from intacct_sf_pipeline.connectors.salesforce.plain_text import plain_text
from intacct_sf_pipeline.connectors.salesforce.reader import Reader
from intacct_sf_pipeline.connectors.salesforce.soql import in_chunks, one_of
from intacct_sf_pipeline.connectors.timing import Timing
from intacct_sf_pipeline.model.errors import RecordNotFoundError
from intacct_sf_pipeline.model.mapping import FeedSpec
from intacct_sf_pipeline.model.records import Scalar, SourceRow
from intacct_sf_pipeline.model.results import Page
from intacct_sf_pipeline.model.windows import Window

logger = logging.getLogger(__name__)
OBJECT: Final = "ContentNote"
OWN_COLUMNS: Final = frozenset({"Content", "LinkedEntityId"})


class NotesReader:
    """Reads enhanced notes linked to accounts."""

    def __init__(self, client: SalesforceClient, reader: Reader, timing: Timing, lookup_chunk: int) -> None:
        self._client, self._reader, self._timing, self._chunk = client, reader, timing, lookup_chunk

    def read(self, feed: FeedSpec, columns: Sequence[str], window: Window) -> Iterator[Page]:
        """Rows of notes changed in `window`, at least one page; empty with a warning where the org has no enhanced
        notes.
        """
        plain = _plain(columns)
        try:
            for page in self._reader.read(feed, plain, window):
                yield Page(tuple(self._rows(page.rows, columns)), page.server_time, page.total, page.missing)
        except RecordNotFoundError as error:
            if error.reply.code != "INVALID_TYPE":
                raise
            logger.warning(
                "salesforce %s: the org has no enhanced notes, or the user no access to them; none are read",
                feed.object,
            )
            yield Page((), self._timing.clock(), 0)

    def lookup(self, feed: FeedSpec, columns: Sequence[str], by: str, values: Collection[str]) -> list[SourceRow]:
        """Rows of live notes by their own key, by note field, or by `LinkedEntityId`."""
        plain = _plain(columns)
        if by == feed.key and any("|" in value for value in values):
            found = self._reader.lookup(feed, plain, by, {value.partition("|")[0] for value in values})
            return [row for row in self._rows(found, columns) if row.key in values]
        if by != "LinkedEntityId":
            return list(self._rows(self._reader.lookup(feed, plain, by, values), columns))
        wanted = {full_id(value) for value in values}
        linked = {note for note, account in self._links("LinkedEntityId", sorted(wanted)) if account in wanted}
        rows = self._rows(self._reader.lookup(feed, plain, feed.key, linked), columns) if linked else iter(())
        return [row for row in rows if row.key.partition("|")[2] in wanted]

    def newest(self, feed: FeedSpec) -> datetime | None:
        """The latest stamp of a note, linked or not; None where the org has no enhanced notes."""
        try:
            return self._reader.newest(feed)
        except RecordNotFoundError:
            return None

    def _rows(self, notes: Sequence[SourceRow], columns: Sequence[str]) -> Iterator[SourceRow]:
        yield from (note for note in notes if note.deleted)
        live = {note.key: note for note in notes if not note.deleted}
        accounts: dict[str, list[str]] = {}
        for note_id, account in self._links("ContentDocumentId", sorted(live)):
            if note_id in live:
                accounts.setdefault(note_id, []).append(account)
        for note_id, linked in accounts.items():
            content = self._content(live[note_id]) if "Content" in columns else None
            for account in sorted(set(linked)):
                own: Mapping[str, Scalar] = {"Content": content, "LinkedEntityId": account}
                values = {
                    column: own[column] if column in own else live[note_id].values.get(column) for column in columns
                }
                yield SourceRow(f"{note_id}|{account}", values, live[note_id].modified)

    def _links(self, by: str, values: Sequence[str]) -> Iterator[tuple[str, str]]:
        """Pairs of document id and account id; a filter by ids is required for this object."""
        for chunk in in_chunks(values, self._chunk, taken=300):
            fields = ("ContentDocumentId", "LinkedEntityId")
            for record in self._reader.records("ContentDocumentLink", fields, [one_of(by, chunk)], deleted=False):
                account = full_id(str(record["LinkedEntityId"]))
                if account.startswith(ACCOUNT_PREFIX):
                    yield full_id(str(record["ContentDocumentId"])), account

    def _content(self, note: SourceRow) -> str | None:
        """The note's body as plain text, by a call of its own unless the preview shows it all; None when it vanished
        meanwhile.
        """
        shown = whole_text(*(note.values.get(column) for column in PREVIEW))
        if shown is not None:
            return shown
        path = self._client.data_path(f"sobjects/{OBJECT}/{note.key}/Content")
        try:
            return plain_text(self._client.content(Call("salesforce", f"read {OBJECT} content"), path))
        except RecordNotFoundError:
            return None


def _plain(columns: Sequence[str]) -> list[str]:
    """What is asked of the note itself; with its body, what may make the call for it needless."""
    own = [column for column in columns if column not in OWN_COLUMNS]
    return [*own, *(column for column in PREVIEW if "Content" in columns and column not in own)]
