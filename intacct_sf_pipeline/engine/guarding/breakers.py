"""Value breakers: whether a field's new value breaks the bounds that the mapping gives it. Pure.

A slipped decimal point makes a price ten times or a tenth of what it was, give or take what rounding to the field's
scale takes away; that much (at most one per cent of the former value) is allowed for, in favour of being asked.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import ROUND_DOWN, ROUND_HALF_UP, ROUND_UP, Decimal

from rapidfuzz.distance import Levenshtein

from intacct_sf_pipeline.engine.people.answers import DECIDED, Answers, by_whom
from intacct_sf_pipeline.engine.people.holds import new_hold
from intacct_sf_pipeline.model.fields import Breaker, FieldSpec
from intacct_sf_pipeline.model.mapping import EntityMapping
from intacct_sf_pipeline.model.plans import FieldDecision, Hold, HoldReason, Verdict
from intacct_sf_pipeline.model.records import Canonical, CanonicalRecord, Side

_PERCENT, _TENTH = Decimal(100), Decimal("0.1")


@dataclass(frozen=True, slots=True)
class Breach:
    """A bound that a new value breaks: what the value would do (no value of the record is told), and the bound."""

    what: str
    bound: str

    def __str__(self) -> str:
        """Both, as part of a sentence."""
        return f"{self.what} ({self.bound})"


@dataclass(frozen=True, slots=True)
class BreakerGuard:
    """Holds values that break their field's bounds; lets pass what a person approved, or `forced` names.

    `forced` holds the names of fields, as `--force` gave them for this entity.
    """

    answers: Answers = field(default_factory=Answers)
    forced: frozenset[str] = frozenset()

    def judge(
        self, entity: EntityMapping, spec: FieldSpec, decision: FieldDecision, source: CanonicalRecord, target: Side
    ) -> Hold | str:
        """The hold for a value that must not be written, or what is to be added to the reason for writing it.

        What moves is judged against the value that both sides last agreed on; without one, against the target's own.
        A value that a person chose in a conflict was looked at already.
        """
        if decision.rule == DECIDED:
            return ""
        present = decision.intacct if target is Side.INTACCT else decision.salesforce
        before, after = present if decision.base is None else decision.base, source.values.get(spec.name)
        broken = breach(spec, before, after)
        if broken is None:
            return ""
        if spec.name in self.forced:
            return f"; {broken.what}: {forced_by(f'{entity.name}.{spec.name}')}"
        message = f"{spec.title} {broken}."
        state = f"{spec.name}|{before!r}|{after!r}"
        hold = new_hold(entity, target.other, source.key, target, HoldReason.BREAKER, message, (spec.name,), state)
        answer = self.answers.about(target.other, source.key, HoldReason.BREAKER, state=hold.state)
        if answer is not None and answer.verdict is Verdict.APPROVE:
            return f"; {broken.what}: {by_whom(answer)}"
        return hold


def forced_by(name: str) -> str:
    """How a plan line says that an override let it pass."""
    return f"--force {name}"


def breach(spec: FieldSpec, before: Canonical, after: Canonical) -> Breach | None:
    """The first bound of `spec` that writing `after` in place of `before` breaks, both canonical; None: none is broken.

    `before` is None when there was no value: then nothing rises, falls or is renamed.
    """
    breaker = spec.breaker
    if breaker is None:
        return None
    if isinstance(after, Decimal):
        return _out_of_range(breaker, after) or _moved(breaker, before, after, spec.scale)
    if isinstance(before, Decimal):
        return _vanished(breaker) if after is None else None
    return _renamed(breaker, before, after)


def breaker_fields(entity: EntityMapping) -> tuple[FieldSpec, ...]:
    """The fields of `entity` that have a breaker."""
    return tuple(spec for spec in entity.fields if spec.breaker is not None)


def bounds_of(spec: FieldSpec) -> str:
    """The bounds of a field in words; empty when it has none."""
    breaker = spec.breaker
    if breaker is None:
        return ""
    told = (
        (breaker.rise_percent, "rise below {} %"),
        (breaker.fall_percent, "fall below {} %"),
        (breaker.at_least, "at least {}"),
        (breaker.at_most, "at most {}"),
        (breaker.rename_percent, "renamed by less than {} %"),
    )
    return ", ".join(words.format(_plain(bound)) for bound, words in told if bound is not None)


def _out_of_range(breaker: Breaker, after: Decimal) -> Breach | None:
    if breaker.at_least is not None and after < breaker.at_least:
        return Breach("is below what is allowed", f"at least {_plain(breaker.at_least)}")
    if breaker.at_most is not None and after > breaker.at_most:
        return Breach("is above what is allowed", f"at most {_plain(breaker.at_most)}")
    return None


def _moved(breaker: Breaker, before: Canonical, after: Decimal, scale: int | None) -> Breach | None:
    if not isinstance(before, Decimal) or before.is_zero() or before == after:
        return None
    whole = abs(before)
    slack = Decimal(0) if scale is None else min(Decimal(5).scaleb(-scale - 1), whole / _PERCENT)
    risen, fallen = after - before, before - after
    if breaker.rise_percent is not None and _reaches(risen + slack, whole - slack, breaker.rise_percent):
        return Breach(f"rises by {_share(risen, whole)} %", _from(breaker.rise_percent))
    if breaker.fall_percent is not None and _reaches(fallen + slack, whole, breaker.fall_percent):
        return Breach(f"falls by {_share(fallen, whole)} %", _from(breaker.fall_percent))
    return None


def _vanished(breaker: Breaker) -> Breach | None:
    return None if breaker.fall_percent is None else Breach("vanishes", _from(breaker.fall_percent))


def _renamed(breaker: Breaker, before: Canonical, after: Canonical) -> Breach | None:
    if breaker.rename_percent is None or not isinstance(before, str) or before == after:
        return None
    other = after.casefold() if isinstance(after, str) else ""
    share = Decimal(repr(Levenshtein.normalized_distance(before.casefold(), other))) * _PERCENT
    if share < breaker.rename_percent:
        return None
    return Breach(f"changes by {_share(share, _PERCENT)} %", _from(breaker.rename_percent))


def _reaches(part: Decimal, whole: Decimal, percent: Decimal) -> bool:
    return part > 0 and part * _PERCENT >= percent * whole


def _share(part: Decimal, whole: Decimal) -> str:
    """`part` of `whole` in whole per cent; in tenths where that would say all or nothing of what is not."""
    exact = part * _PERCENT / whole
    for digits in (Decimal(1), _TENTH):
        shown = exact.quantize(digits, ROUND_HALF_UP)
        if shown not in (0, _PERCENT) or shown == exact:
            return f"{shown:,f}"
    return f"{exact.quantize(_TENTH, ROUND_DOWN if shown == _PERCENT > exact else ROUND_UP):,f}"


def _from(percent: Decimal) -> str:
    return f"a change of {_plain(percent)} % and more is held"


def _plain(number: Decimal) -> str:
    return f"{number:f}"
