"""Faults drawn by chance from everything the sandbox can be told to do: on the wire, in the service, to the data."""

from __future__ import annotations

from random import Random
from typing import Any

from intacct_sf_pipeline.sandbox.faults import FaultRule

from .world import INTACCT, SALESFORCE, World

_READS = {INTACCT: ("services/core/query",), SALESFORCE: ("query",)}
_WRITES = {
    INTACCT: ("objects/accounts-receivable/customer", "objects/company-config/contact", "objects|services"),
    SALESFORCE: ("composite/sobjects", "composite/sobjects/Account", "composite/sobjects/Contact"),
}
_ANYWHERE = {INTACCT: ("objects|services",), SALESFORCE: ("composite|query|deleted",)}

_WIRE: tuple[dict[str, Any], ...] = (
    {"fault": "timeout_before", "seconds": 0.02},
    {"fault": "timeout_after", "seconds": 0.02},
    {"fault": "reset_before"},
    {"fault": "reset_after"},
    {"fault": "html_503"},
    {"fault": "truncate"},
    {"fault": "throttle", "retry_after": 1},
    {"fault": "expire_token"},
    *({"fault": "status", "status": status} for status in (500, 502, 503, 504, 429, 409)),
    *({"fault": "status_after", "status": status} for status in (500, 502, 503)),
)
_OF_WRITES: tuple[dict[str, Any], ...] = (
    {"fault": "reset_after"},
    {"fault": "status_after", "status": 503},
    {"fault": "partial", "share": 0.5},
    {"fault": "row_lock"},
    {"fault": "cut_off"},
    {"fault": "cut_off", "status": 500},
    {"fault": "late", "seconds": 200},
)
_OF_INTACCT_WRITES: tuple[dict[str, Any], ...] = ({"fault": "idempotency_conflict"}, {"fault": "idempotency_ignored"})
_OF_READS: tuple[dict[str, Any], ...] = (
    {"fault": "same_second"},
    {"fault": "null_stamp", "share": 0.5},
    {"fault": "clock_jump", "seconds": 3600, "lasting": 3},
    {"fault": "clock_jump", "seconds": -3600, "lasting": 3},
    {"fault": "touch_between", "records": 2, "choose": "random"},
    {"fault": "short_read", "share": 0.5},
    {"fault": "short_read", "share": 0.3, "consistent": True},
    {"fault": "empty_read"},
)
_TO_DATA: tuple[dict[str, Any], ...] = (
    {"fault": "delete_between", "records": 1, "choose": "random"},
    {"fault": "recreate"},
    {"fault": "merge"},
    {"fault": "undelete"},
)


def fault(world: World, rng: Random) -> None:
    """One more rule is in force."""
    service = rng.choice((INTACCT, SALESFORCE))
    drawn: dict[str, Any]
    paths, drawn = rng.choices(
        (
            (_ANYWHERE, rng.choice(_WIRE)),
            (_WRITES, rng.choice(_OF_WRITES + (_OF_INTACCT_WRITES if service == INTACCT else ()))),
            (_READS, rng.choice(_OF_READS)),
            (_READS, rng.choice(_TO_DATA)),
        ),
        (5, 5, 3, 1),
    )[0]
    if drawn["fault"] in ("merge", "undelete"):
        service = SALESFORCE
    harmless = paths is not _READS or drawn["fault"] not in ("delete_between", "recreate", "merge", "undelete")
    world.loop.fault(
        FaultRule(
            service=service,
            path=rng.choice(paths[service]),
            skip=rng.choice((0, 0, 0, 1) if paths is _WRITES else (0, 0, 1, 2, 5)),
            count=rng.choice((1, 1, 1, 2, 3, 7)) if harmless else 1,
            probability=rng.choice((1.0, 1.0, 0.5)),
            seed=rng.randrange(1000),
            **drawn,
        )
    )


def silence(world: World, rng: Random, patience: float) -> None:
    """One request is answered too late or never: before or after it was done, or done while nobody waits any more."""
    service = rng.choice((INTACCT, SALESFORCE))
    paths = rng.choice((_ANYWHERE, _WRITES, _WRITES))
    fault = rng.choice(("timeout_before", "timeout_after", "slow"))
    if fault == "slow" and world.variant.new_id == "auto" and not world.variant.idempotency:
        fault = "timeout_after"  # what is written after we looked for it, and carries nothing of ours, nobody can know
    world.loop.fault(
        FaultRule(
            service=service,
            path=rng.choice(paths[service]),
            skip=rng.choice((0, 0, 1, 3)),
            count=1,
            fault=fault,
            seconds=2 * patience,
        )
    )


def calm(world: World, rng: Random) -> None:
    """All faults end."""
    world.sandbox.faults.clear()
