"""The one table of faults: what each is called, which keys it takes, where it happens.

What each does is told in `docs/sandbox.md`; how, in `wire` (the connection and the whole answer), in `records` (which
records of a write are refused) and in the modules of either service.
"""

from __future__ import annotations

SERVICES = ("salesforce", "intacct")

_REFUSAL = ("code", "message")
_CHOSEN = ("object", "id", "records", "choose")

FAULTS: dict[str, tuple[str, ...]] = {
    # The wire: one of these at most meets a request, and ends the search for further rules.
    "status": ("status", *_REFUSAL, "body", "headers"),
    "status_after": ("status", *_REFUSAL, "body", "headers"),
    "timeout_before": ("seconds",),
    "timeout_after": ("seconds",),
    "reset_before": (),
    "reset_after": (),
    "slow": ("seconds",),
    "html_503": (),
    "truncate": (),
    "throttle": ("retry_after",),
    "throttle_text": (),
    "cdn_page": ("status",),
    "cut_off": ("records", "status", *_REFUSAL),
    # Inside the service: all that match a request meet it, besides one of the above.
    "expire_token": (),
    "partial": ("share", "records", *_REFUSAL),
    "row_lock": _REFUSAL,
    "idempotency_conflict": (),
    "idempotency_ignored": (),
    "late": ("seconds",),
    "same_second": ("object", "records", "field", "value"),
    "null_stamp": ("share",),
    "clock_jump": ("seconds", "for"),
    "delete_between": _CHOSEN,
    "touch_between": (*_CHOSEN, "field", "value"),
    "recreate": ("object", "id"),
    "short_read": ("share", "consistent"),
    "empty_read": (),
    "endpoint_change": (),
    "expire_results": (),
    "no_result_id": (),
    "merge": ("object", "winner", "loser"),
    "undelete": ("object", "id"),
    "job_failed": ("records", *_REFUSAL),
    "job_slow": ("seconds",),
}
"""Fault -> the keys it takes besides those common to all."""

ON_THE_WIRE = frozenset(list(FAULTS)[: list(FAULTS).index("expire_token")])
"""Faults of the connection or of the answer as a whole. All others the service itself performs."""

UNSEEN = frozenset({"status", "timeout_before", "reset_before", "html_503", "throttle", "throttle_text", "cdn_page"})
"""Faults whose request never reaches the service."""

ONLY_AT = {
    "idempotency_conflict": "intacct",
    "idempotency_ignored": "intacct",
    "throttle_text": "intacct",
    "cdn_page": "intacct",
    "endpoint_change": "intacct",
    "expire_results": "intacct",
    "no_result_id": "intacct",
    "merge": "salesforce",
    "undelete": "salesforce",
    "job_failed": "salesforce",
    "job_slow": "salesforce",
}
"""Faults that only one of the services can have."""
