"""Refusals whose code, field or text tells exactly what an administrator has to do; all others have the general advice.
Pure.

Source: Salesforce reference, sections 4, 8.4 and 12.12 (codes); Help, Manage Multiple Currencies; Help, Transfer
Records. Intacct: REST reference, 9.6 (top-level records are mostly not editable from an entity); the text is known from
a public integration's help pages ("You cannot update a root level vendor from an entity/restricted user"), the code is
the general BL01001973, in XML as its chain's wrapper, in REST as the `errorId` of a detail.
"""

from __future__ import annotations

import re
from typing import Final

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
_FIELDS: Final = {
    "INVALID_FIELD": "Deploy {what} to Salesforce (`intacct-sf salesforce-package` writes the package), or let the "
    "integration user see and edit it (field-level security, Setup > Permission Sets); `intacct-sf doctor` shows what "
    "lacks.",
    "INVALID_FIELD_FOR_INSERT_UPDATE": "Let the integration user edit {what} in Salesforce (field-level security, "
    "Setup > Permission Sets), or map another field if nobody can write it; `intacct-sf doctor` shows what lacks.",
    "INVALID_TYPE": "Deploy the object to Salesforce, or give the integration user access to it (Setup > Permission "
    "Sets > Object Settings); `intacct-sf doctor` shows what lacks.",
}
_FROM_ENTITY: Final = re.compile(r"(?:top|root)[ -]level.{0,80}\bentity\b|\bentity\b.{0,80}(?:top|root)[ -]level")
_PRIVATE: Final = re.compile(r"private to an(?:other)? entity.{0,80}\b(?:only|cannot|may not)\b")
_NOT_CLEARED: Final = "notCleared"
"""What the XML connector says of a field that an update did not empty."""

_CLEAR_CURE: Final = (
    "Empty the field in Intacct by hand; it agrees then. This company does not empty fields over XML Web Services: "
    "INTACCT_API=rest does."
)
_TOP_LEVEL_CURE: Final = (
    "Connect at the top level: take out INTACCT_ENTITY_ID (and what stands behind the | in INTACCT_USERNAME), and let "
    "the web services user work there; `owned_by` in the mapping says in which entity each record is then changed. The "
    "record is right as it is, and is written by itself."
)
_ENTITY_CURE: Final = (
    "Say in the mapping whose the records are (`owned_by: {column: entity.id}`), so that each is changed in its own "
    "entity, or connect to that entity by INTACCT_ENTITY_ID. The record is right as it is, and is written by itself."
)


def administrators_cure(reply: ServiceReply) -> str:
    """What an administrator has to do about a refusal; empty when it does not say so exactly."""
    if reply.code == _BAD_CHOICE and any(name.casefold() == _CURRENCY.casefold() for name in reply.fields):
        return "Activate the currency in Salesforce (Setup > Manage Currencies), or correct the mapping."
    if reply.code == _NOT_CLEARED:
        return _CLEAR_CURE
    if reply.system == "intacct":
        return _entity_cure(reply.message.casefold())
    if reply.code in _FIELDS:
        return _FIELDS[reply.code].format(what=", ".join(reply.fields) or "the field")
    return _OTHERS.get(reply.code, "")


def _entity_cure(words: str) -> str:
    """For a record that cannot be changed from where the connection is: it is not the record that wants mending."""
    if _FROM_ENTITY.search(words):
        return _TOP_LEVEL_CURE
    return _ENTITY_CURE if _PRIVATE.search(words) else ""
