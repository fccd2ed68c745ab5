"""Writing contacts: first the contact itself, then its place on the customers' contact lists; the same through either
interface.

Source: contact and owned lists guides. Entries of one customer are changed together; when the service refuses that,
they are changed one by one, so that one bad entry does not hold up the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol

from intacct_sf_pipeline.connectors.intacct.contact_list import (
    Entry,
    ListChange,
    NoEntryError,
    known_entry,
    needs_entry,
    own_part,
    plan_changes,
    touches_list,
)
from intacct_sf_pipeline.connectors.intacct.paging import Pager
from intacct_sf_pipeline.connectors.intacct.query import Query, one_of
from intacct_sf_pipeline.connectors.outcomes import BatchResult
from intacct_sf_pipeline.model.errors import ServiceError, ServiceReply
from intacct_sf_pipeline.model.results import WriteOutcome, WriteRequest, WriteStatus

CONTACT: Final = "company-config/contact"
CUSTOMER: Final = "accounts-receivable/customer"
LIST: Final = "accounts-receivable/customer-contact"


@dataclass(frozen=True)
class ListGroup:
    """Changes to the list of one customer, sent together."""

    customer_key: str
    changes: tuple[ListChange, ...]


class Records(Protocol):
    """An interface's way to write records."""

    def write(self, requests: Sequence[WriteRequest], step: str = "w") -> BatchResult:
        """Write at most one batch; outcomes stand in the order of the requests."""
        ...


class ContactLists(Protocol):
    """An interface's way to change contact lists."""

    def change(self, groups: Sequence[ListGroup], requests: Mapping[str, WriteRequest], step: str) -> BatchResult:
        """Change the lists of some customers, each wholly or not at all; one outcome per group, in order.

        `requests` are the writes the changes belong to, by their `ref`; `step` tells calls for one record apart.
        """
        ...


class ContactWriter:
    """Writes contacts together with their entries on contact lists; the same promises as writing records."""

    def __init__(self, records: Records, lists: ContactLists, pager: Pager) -> None:
        self._records, self._lists, self._pager = records, lists, pager

    def write(self, requests: Sequence[WriteRequest]) -> BatchResult:
        """Write at most one batch.

        A contact that was saved while its list entry failed is reported with its key: rejected with a message that
        says so, or unknown when the list change could not be sent now or its answer was lost.
        """
        own = [own_part(request) for request in requests]
        saved = self._records.write([part for part in own if part.create or part.values], step="contact")
        outcomes = {outcome.ref: outcome for outcome in saved.outcomes}
        for part in own:
            outcomes.setdefault(part.ref, WriteOutcome(part.ref, WriteStatus.WRITTEN, key=part.key, id=part.natural_id))
        listed = [r for r in requests if touches_list(r) and outcomes[r.ref].status is WriteStatus.WRITTEN]
        fatal = saved.fatal
        if listed:
            failures, later = self._change_lists(listed, outcomes)
            saved_parts = {part.ref: tuple(part.values) for part in own if part.create or part.values}
            for ref, failure in failures.items():
                outcomes[ref] = _unlisted(outcomes[ref], failure, saved_parts.get(ref))
            fatal = fatal or later
        return BatchResult([outcomes[request.ref] for request in requests], fatal)

    def _change_lists(
        self, requests: Sequence[WriteRequest], outcomes: Mapping[str, WriteOutcome]
    ) -> tuple[dict[str, WriteOutcome], ServiceError | None]:
        """Change the lists; outcomes of the requests whose change failed, and the error that ended the work early."""
        failures: dict[str, WriteOutcome] = {}
        keys = {request.ref: str(outcomes[request.ref].key) for request in requests}
        try:
            entries = self._entries(requests, keys)
        except ServiceError as error:
            lost = WriteStatus.NOT_SENT
            return {r.ref: WriteOutcome(r.ref, lost, key=keys[r.ref], error=error.reply) for r in requests}, error
        changes: list[ListChange] = []
        for request in requests:
            try:
                changes += plan_changes(request, keys[request.ref], entries.get(request.ref))
            except NoEntryError:
                failures[request.ref] = WriteOutcome(
                    request.ref, WriteStatus.REJECTED, keys[request.ref], error=_no_entry()
                )
        by_ref = {request.ref: request for request in requests}
        fatal = self._send_groups(_groups(c for c in changes if not c.last), by_ref, failures, "list")
        removals = [change for change in changes if change.last and change.ref not in failures]
        if fatal is None:
            fatal = self._send_groups(_groups(removals), by_ref, failures, "unlist")
        else:
            failures.update(
                {change.ref: WriteOutcome(change.ref, WriteStatus.NOT_SENT, error=fatal.reply) for change in removals}
            )
        return failures, fatal

    def _send_groups(
        self,
        groups: Sequence[ListGroup],
        requests: Mapping[str, WriteRequest],
        failures: dict[str, WriteOutcome],
        step: str,
    ) -> ServiceError | None:
        """Change the list of each customer, then what was refused entry by entry; notes failures, gives back what ended
        the work.
        """
        result = self._lists.change(groups, requests, step)
        singles: list[ListGroup] = []
        for group, outcome in zip(groups, result.outcomes, strict=True):
            if outcome.status is WriteStatus.WRITTEN:
                continue
            if outcome.status is WriteStatus.REJECTED and len(group.changes) > 1:
                singles += [ListGroup(group.customer_key, (change,)) for change in group.changes]
                continue
            failures.update({change.ref: outcome for change in group.changes})
        fatal = result.fatal
        for number, single in enumerate(singles):
            if fatal is not None:
                failures.update(
                    {c.ref: WriteOutcome(c.ref, WriteStatus.NOT_SENT, error=fatal.reply) for c in single.changes}
                )
                continue
            alone = self._lists.change([single], requests, f"{step}.{number}")
            fatal = alone.fatal
            if alone.outcomes[0].status is not WriteStatus.WRITTEN:
                failures[single.changes[0].ref] = alone.outcomes[0]
        return fatal

    def _entries(self, requests: Sequence[WriteRequest], keys: Mapping[str, str]) -> dict[str, Entry]:
        """The present entry of each contact: as the request says, else asked for in one query."""
        entries = {request.ref: entry for request in requests if (entry := known_entry(request))}
        asked = [request for request in requests if request.ref not in entries and needs_entry(request)]
        if not asked:
            return entries
        wanted = {keys[request.ref]: request for request in asked}
        query = Query(LIST, ("key", "customer.key", "contact.key"), (one_of("contact.key", list(wanted)),))
        for row in self._pager.complete(query):
            request = wanted.get(str(row.get("contact.key")))
            if request is None:
                continue
            entry = Entry(str(row["key"]), str(row["customer.key"]))
            preferred = str(request.current.get("customer-contact.customer.key"))
            if request.ref not in entries or entry.customer_key == preferred:
                entries[request.ref] = entry
        return entries


def _groups(changes: Iterable[ListChange]) -> list[ListGroup]:
    by_customer: dict[str, list[ListChange]] = {}
    for change in changes:
        by_customer.setdefault(change.customer_key, []).append(change)
    return [ListGroup(customer, tuple(found)) for customer, found in by_customer.items()]


def customer_request(group: ListGroup, requests: Mapping[str, WriteRequest]) -> WriteRequest:
    """The customer of `group` as a request of its own, named by its key; empty key: its changes have none."""
    keys = [requests[change.ref].idempotency_key for change in group.changes]
    customer = group.customer_key
    return WriteRequest(
        ref=customer,
        entity="",
        object=CUSTOMER,
        create=False,
        key=customer,
        natural_id=None,
        values={},
        idempotency_key="+".join(keys) if all(keys) else "",
    )


def _unlisted(saved_as: WriteOutcome, failure: WriteOutcome, saved: tuple[str, ...] | None) -> WriteOutcome:
    """The outcome of a contact whose list change failed; `saved` are its own columns, None when it had none to save."""
    if failure.status is WriteStatus.NOT_SENT and saved is not None:
        failure = replace(failure, status=WriteStatus.UNKNOWN)  # half of it is done: the next run looks and goes on
    if failure.status is WriteStatus.UNKNOWN or saved is None:
        return replace(failure, ref=saved_as.ref, key=saved_as.key, id=saved_as.id, duplicate=False)
    reply = failure.error or ServiceReply("intacct", "update contact list")
    told = replace(
        reply,
        message=f"the contact was saved, but its entry on the customer's contact list was not changed: {reply.message}",
    )
    return WriteOutcome(saved_as.ref, WriteStatus.REJECTED, key=saved_as.key, id=saved_as.id, error=told, saved=saved)


def _no_entry() -> ServiceReply:
    message = "the contact is on no customer's contact list, so its job title has no place; give it an account first"
    return ServiceReply("intacct", "update contact list", code="notListed", message=message)
