"""Refusals whose code or field tells exactly what an administrator has to do; all others have the general advice. Pure.

Source: Salesforce reference, sections 4 and 8.4 (codes); Help, Manage Multiple Currencies; Help, Transfer Records.
"""

from __future__ import annotations

from intacct_sf_pipeline.model.errors import ServiceReply

NO_SUCH_USER, NO_SUCH_TYPE, INACTIVE = "NO_SUCH_USER", "NO_SUCH_RECORD_TYPE", "INACTIVE_OWNER_OR_USER"
"""What a connector says of a name that the org does not know, and Salesforce of a user who has left."""

_CURRENCY = "CurrencyIsoCode"
_BAD_CHOICE = "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
_OTHERS = {
    INACTIVE: "Activate the user in Salesforce (Setup > Users), or name another one in the mapping's table of values.",
    NO_SUCH_USER: "Correct the user name in the mapping's table of values, or add the user in Salesforce.",
    NO_SUCH_TYPE: "Correct the developer name in the mapping's table of values, or activate the record type "
    "in Salesforce (Setup > Object Manager > Record Types).",
}


def administrators_cure(reply: ServiceReply) -> str:
    """What an administrator has to do about a refusal; empty when it does not say so exactly."""
    if reply.code == _BAD_CHOICE and any(name.casefold() == _CURRENCY.casefold() for name in reply.fields):
        return "Activate the currency in Salesforce (Setup > Manage Currencies), or correct the mapping."
    return _OTHERS.get(reply.code, "")
