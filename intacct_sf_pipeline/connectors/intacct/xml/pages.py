"""Pages of `query`, in the mapping's columns. Source: queries; the reference, 4.1.

What an object does not hold itself is added from other rows (`stock`), so that a row is the same whichever interface
read it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final
from xml.etree.ElementTree import Element

from intacct_sf_pipeline.connectors.http import Call
from intacct_sf_pipeline.connectors.intacct.paging import Answer
from intacct_sf_pipeline.connectors.intacct.query import KEY, Query
from intacct_sf_pipeline.connectors.intacct.xml.client import XmlClient
from intacct_sf_pipeline.connectors.intacct.xml.columns import Column
from intacct_sf_pipeline.connectors.intacct.xml.fields import object_of
from intacct_sf_pipeline.connectors.intacct.xml.model import XmlModels
from intacct_sf_pipeline.connectors.intacct.xml.query import Cut, Naming, query_element
from intacct_sf_pipeline.connectors.intacct.xml.replies import Reply, Result
from intacct_sf_pipeline.connectors.intacct.xml.rows import counts, records, to_row
from intacct_sf_pipeline.connectors.intacct.xml.stock import Figures
from intacct_sf_pipeline.model.errors import ServiceReply, ValidationFailedError

_NAME = re.compile(r"[A-Za-z_][\w.]*")
_GENERIC: Final = "DL02000001"
"""A bad field or literal, but also a database that could not be reached. Source: the reference, error codes."""


@dataclass(frozen=True)
class XmlPages:
    """Asks `query` for pages. Implements `paging.PageSource`."""

    client: XmlClient
    models: XmlModels
    figures: Figures

    def page(self, call: Call, query: Query, start: int, size: int, after: str | None = None) -> Answer:
        """See `PageSource.page`."""
        formats = self.client.formats()
        derived = [name for name in query.fields if self.models.column(query.object_name, name) is None]
        wanted = dict.fromkeys((KEY, *query.fields, *self.figures.needs(query.object_name, derived)))
        columns = [self._column(query.object_name, name) for name in wanted if name not in derived]
        naming = Naming(object_of(query.object_name).xml, lambda n: self._column(query.object_name, n), formats)
        select = list(dict.fromkeys(column.xml[0] for column in columns))
        result, reply = self._ask(call, query_element(query, naming, select, Cut(start, size, after)), columns)
        rows = [to_row(texts, columns, formats) for texts in records(result.data)]
        if derived:
            rows = self.figures.add(query.object_name, derived, rows)
        told = counts(result.data)
        more = told.remaining > 0 if told.remaining is not None else len(rows) == size
        return Answer(rows, reply.at, told.total, start + size if more else None)

    def _ask(self, call: Call, asked: Element, columns: Sequence[Column]) -> tuple[Result, Reply]:
        """The result of the query; the generic refusal that names no field is believed the second time."""
        for last in (False, True):
            try:
                return self.client.ask_at(call, asked)
            except ValidationFailedError as error:
                named = _named_in(error.reply, columns)
                if last or named or error.reply.code != _GENERIC:
                    raise type(error)(replace(error.reply, fields=named)) from None
        raise AssertionError  # the loop always ends by return or raise

    def _column(self, object_name: str, name: str) -> Column:
        column = self.models.column(object_name, name)
        if column is None:
            reply = ServiceReply("intacct", f"query {object_name}", code="noSuchField", message=f"no field {name}")
            raise ValidationFailedError(replace(reply, fields=(name,)))
        return column


def _named_in(reply: ServiceReply, columns: Sequence[Column]) -> tuple[str, ...]:
    """The columns whose XML names stand in a refusal that speaks of fields (Source: hotgluexyz/tap-intacct)."""
    if "field" not in reply.message.lower() and "field" not in reply.code.lower():
        return ()
    words = {word.strip(".") for word in _NAME.findall(f"{reply.code} {reply.message}")}
    return tuple(column.name for column in columns if column.xml[0] in words)
