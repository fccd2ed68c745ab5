"""Bodies of enhanced notes that need no call of their own. Pure.

A body is fetched by a request for itself: composite requests do not take the resource (Source: REST Guide, sObject Blob
Get). But a query shows the first 255 characters as plain text (`TextPreview`) and the size of the body in bytes
(`ContentSize`). Where the size leaves room for the text and for nothing else, or for the one paragraph that the editor
puts it into, the preview is the whole text. Source: Object Reference, ContentNote (new lines are stripped when a note
is saved). How a preview joins paragraphs is UNCONFIRMED, hence the strictness.
"""

from __future__ import annotations

from typing import Final

from intacct_sf_pipeline.model.records import Scalar

COLUMNS: Final = ("TextPreview", "ContentSize")
_LONGEST: Final = 255
_MARKUP: Final = frozenset("<>&")
_PARAGRAPH: Final = len("<p></p>")


def whole_text(preview: Scalar, size: Scalar) -> str | None:
    """The text of a body when its preview shows all of it; None when the body has to be fetched to know."""
    if not str(size).isdigit():
        return None
    length = int(str(size))
    if length == 0:
        return ""
    if not isinstance(preview, str) or len(preview) >= _LONGEST or _MARKUP.intersection(preview):
        return None
    if preview != " ".join(preview.split()):
        return None
    bare = len(preview.encode())
    return preview if length in {bare, bare + _PARAGRAPH} else None
