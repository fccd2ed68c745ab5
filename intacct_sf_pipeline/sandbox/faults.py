"""Faults the sandbox can be told to have: the rules, the file they are read from, and which rule a request meets.

A fault file is YAML (or JSON, which is YAML) with one key, `faults`: a list of rules. The first rule that matches a
request acts on it; a request that a rule lets pass (by `skip`, `count` or `probability`) is offered to the next rule.

    faults:
      - service: salesforce          # or intacct
        method: PATCH                # or a list; any method when left out
        path: /composite/sobjects    # regular expression searched in "path?query"; without it any request but a login
        skip: 2                      # matching requests let through first (default 0)
        count: 1                     # then so many are hit (default 1; null for all that follow)
        probability: 0.5             # each of those only with this probability (default 1), drawn from `seed`
        seed: 11                     # (default 0)
        fault: status                # see FAULTS
        status: 503                  # what more a fault takes is in the same table

Every rule is counted by itself, in the order requests arrive.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from random import Random
from threading import Lock

FAULTS: dict[str, tuple[str, ...]] = {
    "status": ("status", "code", "message", "body", "headers"),
    "timeout_before": ("seconds",),
    "timeout_after": ("seconds",),
    "reset_before": (),
    "reset_after": (),
    "slow": ("seconds",),
    "html_503": (),
    "truncate": (),
    "expire_token": (),
    "throttle": ("retry_after",),
}
"""Fault -> the extra keys it takes.

`status` answers with that HTTP status in the vendor's error shape, or with `body` (text or JSON) and `headers`, and the
service sees nothing. `timeout_*` keep silent for `seconds` (default 300), then close. `reset_*` drop the connection.
`_before` means the service never saw the request, `_after` that it did its work and the answer is lost. `slow` answers
`seconds` (default 1) late. `html_503` is a proxy's page. `truncate` sends half of the announced body. `expire_token`
ends all tokens just before the request. `throttle` refuses as the vendor does at its limit (Salesforce 403
REQUEST_LIMIT_EXCEEDED; Intacct 429 GW-0010 with `retry_after` seconds in a header, default 2).
"""

SERVICES = ("salesforce", "intacct")
_LOGIN = re.compile(r"/oauth2/|/services/Soap/")


@dataclass(frozen=True, slots=True)
class FaultRule:
    """One rule. Defaults as in the module docstring."""

    service: str
    fault: str
    method: tuple[str, ...] = ()
    path: str | None = None
    skip: int = 0
    count: int | None = 1
    probability: float = 1.0
    seed: int = 0
    status: int = 500
    code: str | None = None
    message: str | None = None
    body: object = None
    headers: tuple[tuple[str, str], ...] = ()
    seconds: float | None = None
    retry_after: int = 2

    def __post_init__(self) -> None:
        """Refuse values that make no sense.

        Raises:
            ValueError: with what is wrong and what would be right.
        """
        _require(self.service in SERVICES, f"service must be one of {', '.join(SERVICES)}, not {self.service!r}")
        _require(self.fault in FAULTS, f"fault must be one of {', '.join(FAULTS)}, not {self.fault!r}")
        _require(self.skip >= 0, f"skip must not be negative, but is {self.skip}")
        _require(self.count is None or self.count > 0, f"count must be positive or null, but is {self.count}")
        _require(0 < self.probability <= 1, f"probability must be above 0 and at most 1, but is {self.probability}")
        _require(400 <= self.status <= 599, f"status must lie between 400 and 599, but is {self.status}")
        _require(self.seconds is None or self.seconds >= 0, f"seconds must not be negative, but is {self.seconds}")
        _require(self.retry_after >= 0, f"retry_after must not be negative, but is {self.retry_after}")
        if self.path is not None:
            try:
                re.compile(self.path)
            except re.error as error:
                raise ValueError(f"path is no regular expression: {error}") from error

    def matches(self, service: str, method: str, target: str) -> bool:
        """Whether a request is of the kind this rule speaks of. `target` is the path with its query string."""
        if service != self.service or (self.method and method.upper() not in self.method):
            return False
        if self.path is None:
            return _LOGIN.search(target) is None
        return re.search(self.path, target) is not None


def _require(holds: bool, message: str) -> None:
    if not holds:
        raise ValueError(message)


@dataclass(slots=True)
class _Tally:
    rule: FaultRule
    rng: Random
    seen: int = 0
    hit: int = 0


@dataclass(slots=True)
class FaultPlan:
    """The rules in force, with their counts. Tests may add and clear rules while the services run; thread-safe."""

    rules: Iterable[FaultRule] = ()
    fired: list[tuple[FaultRule, str, str]] = field(default_factory=list)
    _tallies: list[_Tally] = field(init=False, default_factory=list)
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

    def next_fault(self, service: str, method: str, target: str) -> FaultRule | None:
        """Count the request against the rules and return the one that acts on it, if any."""
        with self._lock:
            for tally in self._tallies:
                if tally.rule.matches(service, method, target) and _acts(tally):
                    self.fired.append((tally.rule, method, target))
                    return tally.rule
        return None


def _acts(tally: _Tally) -> bool:
    rule = tally.rule
    tally.seen += 1
    if tally.seen <= rule.skip or (rule.count is not None and tally.hit >= rule.count):
        return False
    if rule.probability < 1 and tally.rng.random() >= rule.probability:
        return False
    tally.hit += 1
    return True
