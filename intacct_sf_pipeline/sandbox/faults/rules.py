"""One rule of a fault file, and which requests it speaks of."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from intacct_sf_pipeline.sandbox.faults.catalog import FAULTS, ONLY_AT, SERVICES

_LOGIN = re.compile(r"/oauth2/|/services/Soap/")
_XML_LOGIN = re.compile(rb"<getAPISession\b")
XML_GATEWAY = "/xmlgw.phtml"
"""How the path of Intacct's XML gateway ends."""
NAMES_IN_FILE = {"object_name": "object", "record_id": "id", "field_name": "field", "lasting": "for"}
"""Attribute -> key of the fault file, where the two differ."""


@dataclass(frozen=True, slots=True)
class Request:
    """What a rule may look at.

    Attributes:
        service: as in rules.
        method: HTTP verb.
        target: the path with its query string.
        body: as sent, where a rule looks into bodies or the XML gateway is asked.
        key: the `Idempotency-Key` header.
        control_ids: the functions' control ids, where the XML gateway is asked with `uniqueid` true.
    """

    service: str
    method: str
    target: str
    body: bytes = b""
    key: str | None = None
    control_ids: tuple[str, ...] = ()

    @property
    def keys(self) -> tuple[str, ...]:
        """All that names the request's writes, so that a repeat can be told."""
        return self.control_ids if self.key is None else (self.key, *self.control_ids)

    @property
    def signs_in(self) -> bool:
        """Whether it is a login or a SOAP call, which rules without a path do not speak of."""
        if self.target.partition("?")[0].endswith(XML_GATEWAY):
            return _XML_LOGIN.search(self.body) is not None
        return _LOGIN.search(self.target) is not None


@dataclass(frozen=True, slots=True)
class FaultRule:
    """One rule. `service`, `fault` and the keys up to `seed` are common to all; the others belong to some faults.

    Attributes:
        service: `salesforce` or `intacct`.
        fault: a name of `FAULTS`.
        method: methods it speaks of; any when empty.
        path: regular expression searched in `path?query`; without it any request but a login or a SOAP call.
        contains: regular expression searched in the request's body.
        skip: matching requests let through first.
        count: then so many are hit; None for all that follow.
        probability: each of those only with this probability, drawn from `seed`.
        seed: of the rule's every choice by chance.
        status, code, message, body, headers: of a refusal.
        seconds: how long, how late, or how far off.
        retry_after: seconds a throttled client is told to wait.
        share: part of the records, above 0 and at most 1.
        records: how many records, or (`partial`) at which positions of the batch, counted from 0.
        object_name: the object acted on; without it the one the request is about.
        record_id: the one record acted on.
        choose: `lowest` ids first, or `random` by the seed.
        field_name, value: what touched records are set to.
        winner, loser: records of a merge.
        consistent: whether a short answer's totals agree with what it holds.
        lasting: requests after which a jumped clock is right again; None: never.
    """

    service: str
    fault: str
    method: tuple[str, ...] = ()
    path: str | None = None
    contains: str | None = None
    skip: int = 0
    count: int | None = 1
    probability: float = 1.0
    seed: int = 0
    status: int | None = None
    code: str | None = None
    message: str | None = None
    body: object = None
    headers: tuple[tuple[str, str], ...] = ()
    seconds: float | None = None
    retry_after: int = 2
    share: float | None = None
    records: int | tuple[int, ...] | None = None
    object_name: str | None = None
    record_id: str | None = None
    choose: str = "lowest"
    field_name: str | None = None
    value: Any = None
    winner: str | None = None
    loser: str | None = None
    consistent: bool = False
    lasting: int | None = None

    def __post_init__(self) -> None:
        """Refuse values that make no sense.

        Raises:
            ValueError: with the key, what is wrong and what would be right.
        """
        _require(self.service in SERVICES, f"service must be one of {', '.join(SERVICES)}, not {self.service!r}")
        _require(self.fault in FAULTS, f"fault must be one of {', '.join(FAULTS)}, not {self.fault!r}")
        only = ONLY_AT.get(self.fault, self.service)
        _require(only == self.service, f"fault {self.fault} can only happen at {only}")
        _require(self.skip >= 0, f"skip must not be negative, but is {self.skip}")
        _require(self.count is None or self.count > 0, f"count must be positive or null, but is {self.count}")
        _require(0 < self.probability <= 1, f"probability must be above 0 and at most 1, but is {self.probability}")
        _require(
            self.status is None or 400 <= self.status <= 599,
            f"status must lie between 400 and 599, but is {self.status}",
        )
        _require(self.retry_after >= 0, f"retry_after must not be negative, but is {self.retry_after}")
        for key in ("path", "contains"):
            _check_pattern(key, getattr(self, key))
        self._check_amounts()
        self._check_choices()

    def _check_amounts(self) -> None:
        if self.fault == "clock_jump":
            _require(self.seconds is not None, "seconds must say how far off the clock is, such as -3600")
        else:
            _require(self.seconds is None or self.seconds >= 0, f"seconds must not be negative, but is {self.seconds}")
        _require(self.share is None or 0 < self.share <= 1, f"share must be above 0 and at most 1, but is {self.share}")
        _require(self.lasting is None or self.lasting > 0, f"for must be positive or null, but is {self.lasting}")
        if isinstance(self.records, tuple):
            fitting = bool(self.records) and min(self.records) >= 0
            _require(fitting, f"records must list positions from 0 on, not {list(self.records)}")
            _require(self.share is None, "records and share exclude each other: give one of them")
        elif self.records is not None:
            least = 0 if self.fault in ("cut_off", "job_failed") else 1
            _require(self.records >= least, f"records must be at least {least}, but is {self.records}")

    def _check_choices(self) -> None:
        _require(self.choose in ("lowest", "random"), f"choose must be lowest or random, not {self.choose!r}")
        if self.field_name is None:
            _require(self.value is None, "value needs the key field, which names what is set")
        alone = "winner" if self.winner is not None else "loser"
        both = (self.winner is None) == (self.loser is None)
        _require(both, f"{alone} alone is not enough: give winner and loser, or neither")

    def matches(self, request: Request) -> bool:
        """Whether a request is of the kind this rule speaks of."""
        if request.service != self.service or (self.method and request.method.upper() not in self.method):
            return False
        if self.path is None:
            if request.signs_in:
                return False
        elif re.search(self.path, request.target) is None:
            return False
        return self.contains is None or re.search(self.contains, request.body.decode("utf-8", "replace")) is not None


def _check_pattern(key: str, pattern: str | None) -> None:
    if pattern is not None:
        try:
            re.compile(pattern)
        except re.error as error:
            raise ValueError(f"{key} is no regular expression: {error}") from error


def _require(holds: bool, message: str) -> None:
    if not holds:
        raise ValueError(message)
