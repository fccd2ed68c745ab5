"""The rules in force and their counts: which faults a request meets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from random import Random
from threading import Lock
from typing import Any

from intacct_sf_pipeline.sandbox.faults.catalog import ON_THE_WIRE, UNSEEN
from intacct_sf_pipeline.sandbox.faults.rules import FaultRule, Request

_SCOPE_KEY = "sandbox.faults"


@dataclass(frozen=True, slots=True)
class Hit:
    """A rule that acts on a request, for the `number`-th time (from 0)."""

    rule: FaultRule
    number: int = 0

    def chance(self, word: object = "") -> Random:
        """A source of chance that depends on the rule's seed, on this hit and on `word` alone."""
        return Random(f"{self.rule.seed}:{self.number}:{word}")  # noqa: S311 - chance that must repeat

    @property
    def share(self) -> float:
        """The part of the records the rule speaks of; half where it names none."""
        return 0.5 if self.rule.share is None else self.rule.share


@dataclass(frozen=True, slots=True)
class Meeting:
    """What one request meets: at most one fault of the wire, and those the service itself performs."""

    wire: Hit | None = None
    inside: tuple[Hit, ...] = ()

    @property
    def served(self) -> tuple[Hit, ...]:
        """All that the service has to know of."""
        return (*self.inside, self.wire) if self.wire is not None else self.inside


NOTHING = Meeting()


@dataclass(slots=True)
class _Tally:
    rule: FaultRule
    chance: Random
    seen: int = 0
    hit: int = 0


@dataclass(slots=True)
class FaultPlan:
    """The rules in force, with their counts. Tests may add and clear rules while the services run; thread-safe.

    Rules are asked in order. All faults inside the service that match a request meet it; the first fault of the wire
    that matches meets it too and ends the search. Every rule is counted by itself, in the order requests arrive.
    """

    rules: Iterable[FaultRule] = ()
    fired: list[tuple[FaultRule, str, str]] = field(default_factory=list)
    _tallies: list[_Tally] = field(init=False, default_factory=list)
    _keys: set[str] = field(init=False, default_factory=set)
    _lock: Lock = field(init=False, default_factory=Lock)

    def __post_init__(self) -> None:
        """Put the first rules in force."""
        for rule in self.rules:
            self.add(rule)

    def add(self, rule: FaultRule) -> None:
        """Put one more rule in force, after the others."""
        with self._lock:
            self._tallies.append(_Tally(rule, Random(rule.seed)))  # noqa: S311 - chance that must repeat

    def clear(self) -> None:
        """Drop all rules; `fired` stays."""
        with self._lock:
            self._tallies.clear()

    def reads_bodies(self, service: str) -> bool:
        """Whether a rule looks into the bodies of requests to that service."""
        with self._lock:
            return any(tally.rule.contains is not None and tally.rule.service == service for tally in self._tallies)

    def meet(self, request: Request) -> Meeting:
        """Count a request against the rules and return what it meets."""
        with self._lock:
            if not self._tallies and not request.keys:
                return NOTHING
            inside: list[Hit] = []
            wire: Hit | None = None
            for tally in self._tallies:
                if not self._matches(tally.rule, request) or not _acts(tally):
                    continue
                self.fired.append((tally.rule, request.method, request.target))
                hit = Hit(tally.rule, tally.hit - 1)
                if tally.rule.fault in ON_THE_WIRE:
                    wire = hit
                    break
                inside.append(hit)
            if wire is None or wire.rule.fault not in UNSEEN:
                self._keys.update(request.keys)
            return Meeting(wire, tuple(inside))

    def _matches(self, rule: FaultRule, request: Request) -> bool:
        if rule.fault == "idempotency_conflict" and self._keys.isdisjoint(request.keys):
            return False
        return rule.matches(request)


def _acts(tally: _Tally) -> bool:
    rule = tally.rule
    tally.seen += 1
    if tally.seen <= rule.skip or (rule.count is not None and tally.hit >= rule.count):
        return False
    if rule.probability < 1 and tally.chance.random() >= rule.probability:
        return False
    tally.hit += 1
    return True


def tell(scope: Mapping[str, Any], meeting: Meeting) -> dict[str, Any]:
    """The ASGI scope that tells a service what the request meets."""
    return {**scope, _SCOPE_KEY: meeting.served}


def told(scope: Mapping[str, Any]) -> tuple[Hit, ...]:
    """What a request meets, as the middleware told; nothing where there is none."""
    hits: tuple[Hit, ...] = scope.get(_SCOPE_KEY, ())
    return hits


def of_kind(hits: Iterable[Hit], *faults: str) -> list[Hit]:
    """The hits of some faults, in order."""
    return [hit for hit in hits if hit.rule.fault in faults]
