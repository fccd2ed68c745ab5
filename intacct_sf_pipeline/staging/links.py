"""Links: which Intacct record is which Salesforce record, once and for ever; two unique keys see to it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, select
from sqlalchemy.exc import IntegrityError

from intacct_sf_pipeline.model.errors import LinkConflictError
from intacct_sf_pipeline.model.records import Link, Side
from intacct_sf_pipeline.staging.bulk import Row
from intacct_sf_pipeline.staging.database import Database
from intacct_sf_pipeline.staging.schema import links

_COLUMNS = [links.c[name] for name in ("entity", "intacct_key", "salesforce_id", "method", "created_at", "run_id")]


class LinkBook:
    """Reads and writes links; works inside the caller's transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def by_key(self, connection: Connection, entity: str, side: Side, keys: Iterable[str]) -> dict[str, Link]:
        """Links by the record's key on `side`."""
        by = links.c.intacct_key if side is Side.INTACCT else links.c.salesforce_id
        rows = self._database.bulk.fetch_in(connection, _COLUMNS, by, keys, where={links.c.entity: entity})
        return {link.key(side): link for link in map(_link, rows)}

    def page(self, connection: Connection, entity: str, after: str, size: int) -> list[Link]:
        """The next links in the order of their Intacct keys."""
        later = select(*_COLUMNS).where(links.c.entity == entity, links.c.intacct_key > after)
        return [_link(row) for row in connection.execute(later.order_by(links.c.intacct_key).limit(size))]

    def end(self, connection: Connection, ended: Sequence[Link]) -> None:
        """Forget links: one of the two records is another one now."""
        for entity in dict.fromkeys(link.entity for link in ended):
            keys = [link.intacct_key for link in ended if link.entity == entity]
            self._database.bulk.delete_in(connection, links.c.intacct_key, keys, where={links.c.entity: entity})

    def add(self, connection: Connection, new: Sequence[Link]) -> None:
        """Store links; one that is stored already is left as it is.

        Raises:
            LinkConflictError: one of the two records is linked to another one.
        """
        for entity in dict.fromkeys(link.entity for link in new):
            self._add(connection, entity, [link for link in new if link.entity == entity])

    def _add(self, connection: Connection, entity: str, new: list[Link]) -> None:
        by_intacct = self.by_key(connection, entity, Side.INTACCT, [link.intacct_key for link in new])
        by_salesforce = self.by_key(connection, entity, Side.SALESFORCE, [link.salesforce_id for link in new])
        fresh: list[Link] = []
        for link in new:
            known = by_intacct.setdefault(link.intacct_key, link), by_salesforce.setdefault(link.salesforce_id, link)
            if any((k.intacct_key, k.salesforce_id) != (link.intacct_key, link.salesforce_id) for k in known):
                raise LinkConflictError(entity, link.intacct_key, link.salesforce_id)
            if known[0] is link and known[1] is link:
                fresh.append(link)
        rows = [
            (link.entity, link.intacct_key, link.salesforce_id, link.method, link.created_at, link.run_id)
            for link in fresh
        ]
        try:
            self._database.bulk.insert(connection, _COLUMNS, rows)
        except IntegrityError:
            # Another writer was faster; which of the pairs it was does not matter, since all are taken back.
            raise LinkConflictError(entity, fresh[0].intacct_key, fresh[0].salesforce_id) from None


def _link(row: Row) -> Link:
    return Link(row[0], row[1], row[2], row[3], row[4], row[5])
