"""Faults drawn by chance from everything the sandbox can be told to do."""

from __future__ import annotations

from random import Random

from intacct_sf_pipeline.sandbox.faults import FaultRule

from .world import World

_PATHS = {
    "intacct": ("query", "objects/accounts-receivable/customer", "objects/company-config/contact", "objects|services"),
    "salesforce": ("composite", "query", "deleted", "composite/sobjects/Account", "composite/sobjects/Contact"),
}
_WIRE = ("timeout_before", "timeout_after", "reset_before", "reset_after", "html_503", "truncate", "expire_token")


def fault(world: World, rng: Random) -> None:
    """One more rule is in force."""
    service = rng.choice(("intacct", "salesforce"))
    method = rng.choice(((), (), ("POST", "PATCH"), ("GET",)))
    world.sandbox.faults.add(
        FaultRule(
            service=service,
            method=method,
            path=rng.choice(_PATHS[service]),
            skip=rng.choice((0, 0, 1, 2, 5)),
            count=rng.choice((1, 1, 1, 2, 3, 7)),
            probability=rng.choice((1.0, 1.0, 0.5)),
            seed=rng.randrange(1000),
            **_kind(rng),  # type: ignore[arg-type] # a rule's own keys
        )
    )


def calm(world: World, rng: Random) -> None:
    """All faults end."""
    world.sandbox.faults.clear()


def _kind(rng: Random) -> dict[str, object]:
    if rng.random() < 0.25:
        return {"fault": "status", "status": rng.choice((500, 502, 503, 504, 429, 409))}
    if rng.random() < 0.1:
        return {"fault": "throttle", "retry_after": 1}
    return {"fault": rng.choice(_WIRE), "seconds": 0.02}
