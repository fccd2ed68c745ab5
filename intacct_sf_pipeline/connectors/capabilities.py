"""Names of what an object can do, as listed in `ObjectSchema.capabilities`."""

from __future__ import annotations

from typing import Final

CREATE: Final = "create"
UPDATE: Final = "update"
MODIFIED_STAMP: Final = "modified_stamp"
"""Rows carry the stamp they are polled by; without it every read is a full read."""

IDEMPOTENCY: Final = "idempotency"
"""Intacct: repeated writes with the same key are answered from memory."""

DELETED_ROWS: Final = "deleted_rows"
"""Salesforce: deleted rows can be read."""

STATE_COUNTRY_CODES: Final = "state_country_codes"
"""Salesforce: State and Country picklists are switched on for the object's addresses."""
