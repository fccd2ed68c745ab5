"""Contact lists through updates of the customer. Source: customers page, CONTACT_LIST_INFO: entries given are appended,
an entry that is there is skipped, an empty element deletes the list; nothing changes or removes a single entry.

So entries are added by appending, and a list is renewed where one of its entries changes or goes: emptied and filled
again in one transaction, all or nothing. Between the reading of the list and its renewal lies one call; what somebody
adds in that moment would be lost, which the interface leaves no way to prevent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from intacct_sf_pipeline.connectors.http import Call
from intacct_sf_pipeline.connectors.intacct.contact_list import ListChange
from intacct_sf_pipeline.connectors.intacct.contact_writer import CONTACT, CUSTOMER, LIST, ListGroup, customer_request
from intacct_sf_pipeline.connectors.intacct.paging import Pager
from intacct_sf_pipeline.connectors.intacct.query import KEY, Query, one_of
from intacct_sf_pipeline.connectors.intacct.xml.envelope import Function
from intacct_sf_pipeline.connectors.intacct.xml.faults import ROLLED_BACK
from intacct_sf_pipeline.connectors.intacct.xml.payload import list_element
from intacct_sf_pipeline.connectors.intacct.xml.replies import Result
from intacct_sf_pipeline.connectors.intacct.xml.writer import XmlRecordWriter
from intacct_sf_pipeline.connectors.outcomes import BatchResult, in_turn, outcome_of, send_isolated
from intacct_sf_pipeline.model.errors import ServiceError, ValidationFailedError
from intacct_sf_pipeline.model.results import WriteOutcome, WriteRequest, WriteStatus

_CALL = Call("intacct", f"update contact list of {CUSTOMER}", write=True)


@dataclass(frozen=True)
class Entry:
    """One entry of a contact list; `key` empty: not there yet."""

    key: str
    contact_key: str
    category: str | None
    name: str

    @property
    def written(self) -> Mapping[str, str | None]:
        """As `list_element` takes it."""
        return {"category": self.category, "name": self.name}


class EntryGoneError(Exception):
    """An entry that is to change is not on the list any more."""


def renewed(entries: Sequence[Entry], changes: Sequence[ListChange], names: Mapping[str, str]) -> list[Entry]:
    """The list after the changes; `names` are those of contacts by key. Pure.

    An entry is found by its key or, since a renewed list has new keys, by its contact.

    Raises:
        EntryGoneError: an entry to rename is not there.
    """
    now = list(entries)
    for change in changes:
        category = change.element.get("categoryName")
        wanted = None if category in (None, "") else str(category)
        place = _place(now, change)
        if "contact" in change.element:
            added = Entry("", change.contact_key, wanted, names[change.contact_key])
            if not any((e.contact_key, e.category) == (added.contact_key, wanted) for e in now):
                now.append(added)
        elif change.element.get("ia::operation") == "delete":
            if place is not None:
                del now[place]
        elif place is None:
            raise EntryGoneError
        else:
            now[place] = replace(now[place], category=wanted)
    return now


def _place(entries: Sequence[Entry], change: ListChange) -> int | None:
    by_key = [n for n, e in enumerate(entries) if e.key and e.key == str(change.element.get("key"))]
    by_contact = [n for n, e in enumerate(entries) if e.contact_key == change.contact_key]
    return next(iter([*by_key, *by_contact]), None)


class XmlContactLists:
    """Changes contact lists. Implements `contact_writer.ContactLists`."""

    def __init__(self, writer: XmlRecordWriter, pager: Pager) -> None:
        self._writer, self._pager = writer, pager

    def change(self, groups: Sequence[ListGroup], requests: Mapping[str, WriteRequest], step: str) -> BatchResult:
        """See `ContactLists.change`."""
        wanted = [customer_request(group, requests) for group in groups]
        try:
            names = self._names(groups, requests)
            lists = self._lists([group for group in groups if not _only_adds(group)])
        except ServiceError as error:
            lost = [replace(outcome_of(r, error), status=WriteStatus.NOT_SENT) for r in wanted]
            return BatchResult(lost, error)
        by_ref = {group.customer_key: group for group in groups}

        def append(part: Sequence[WriteRequest]) -> list[WriteOutcome]:
            return self._append(part, by_ref, names, step)

        def renew(part: Sequence[WriteRequest]) -> list[WriteOutcome]:
            return [
                self._renew(request, by_ref[request.ref], lists.get(request.ref, []), names, step) for request in part
            ]

        adding = [request for request in wanted if _only_adds(by_ref[request.ref])]
        others = [request for request in wanted if not _only_adds(by_ref[request.ref])]
        return in_turn(
            wanted,
            [
                (adding, lambda part: send_isolated(part, append)),
                *(([one], lambda part: send_isolated(part, renew)) for one in others),
            ],
        )

    def _append(
        self, part: Sequence[WriteRequest], groups: Mapping[str, ListGroup], names: Mapping[str, str], step: str
    ) -> list[WriteOutcome]:
        functions = []
        for request in part:
            entries = renewed([], groups[request.ref].changes, names)
            call = list_element(request.ref, [entry.written for entry in entries])
            functions.append(Function(self._writer.control_id(request.idempotency_key, step), call))
        reply = self._writer.send(_CALL, functions)
        outcomes = [
            self._outcome(request, [reply.results.get(function.control_id)])
            for request, function in zip(part, functions, strict=True)
        ]
        self._writer.bill(sum(o.status in {WriteStatus.WRITTEN, WriteStatus.UNKNOWN} for o in outcomes))
        return outcomes

    def _renew(
        self, request: WriteRequest, group: ListGroup, entries: Sequence[Entry], names: Mapping[str, str], step: str
    ) -> WriteOutcome:
        try:
            now = renewed(entries, group.changes, names)
        except EntryGoneError:
            message = "the contact is not on this customer's contact list any more"
            return outcome_of(request, ValidationFailedError(_CALL.reply(422, "notListed", message)))
        if now == list(entries):
            return WriteOutcome(request.ref, WriteStatus.WRITTEN, key=request.key)
        kept = now[: len(entries)] == list(entries)
        calls = [now[len(entries) :]] if kept else [[], now] if now else [[]]
        functions = [
            Function(
                self._writer.control_id(request.idempotency_key, f"{step}.{number}"),
                list_element(request.ref, [entry.written for entry in written]),
            )
            for number, written in enumerate(calls)
        ]
        reply = self._writer.send(_CALL, functions, transaction=True)
        outcome = self._outcome(request, [reply.results.get(function.control_id) for function in functions])
        if outcome.status in {WriteStatus.WRITTEN, WriteStatus.UNKNOWN}:
            self._writer.bill(len(functions))
        return outcome

    def _outcome(self, request: WriteRequest, results: Sequence[Result | None]) -> WriteOutcome:
        """One outcome for functions that belong together; the culprit's words count, not those of the rolled back."""
        failed = [result for result in results if result is None or not result.succeeded]
        if not failed:
            return WriteOutcome(request.ref, WriteStatus.WRITTEN, key=request.key)
        told = [r for r in failed if r is not None and any(line.code != ROLLED_BACK for line in r.chain)]
        return outcome_of(request, self._writer.error(_CALL, next(iter([*told, *failed]))))

    def _names(self, groups: Sequence[ListGroup], requests: Mapping[str, WriteRequest]) -> dict[str, str]:
        """Names of the contacts that are to be added: as just created, else asked for in one query."""
        adding = [c for group in groups for c in group.changes if "contact" in c.element]
        names = {c.contact_key: str(requests[c.ref].natural_id) for c in adding if requests[c.ref].natural_id}
        unknown = sorted({c.contact_key for c in adding} - names.keys())
        if unknown:
            rows = self._pager.complete(Query(CONTACT, (KEY, "id"), (one_of(KEY, unknown),)))
            names.update({str(row[KEY]): str(row["id"]) for row in rows})
        for key in unknown:
            names.setdefault(key, "")
        return names

    def _lists(self, groups: Sequence[ListGroup]) -> dict[str, list[Entry]]:
        """The present lists of customers, in the order of their entries."""
        lists: dict[str, list[Entry]] = {group.customer_key: [] for group in groups}
        if not lists:
            return lists
        fields = (KEY, "categoryName", "contact.key", "contact.id", "customer.key")
        query = Query(LIST, fields, (one_of("customer.key", sorted(lists)),))
        for row in self._pager.complete(query):
            category = row["categoryName"]
            entry = Entry(
                str(row[KEY]),
                str(row["contact.key"]),
                None if category is None else str(category),
                str(row["contact.id"]),
            )
            lists[str(row["customer.key"])].append(entry)
        return lists


def _only_adds(group: ListGroup) -> bool:
    return all("contact" in change.element for change in group.changes)
