"""Who writes, from where: what the audit columns and the audit trail record."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Actor:
    """One user at work.

    Attributes:
        user_key: key of the `company-config/user`.
        user_id: its id.
        entity_key: the entity acted in; None for the top level.
        source: `api`, `userInterface`, ... as the audit trail names it.
        client_id: the application, for API calls.
    """

    user_key: str
    user_id: str
    entity_key: str | None = None
    source: str = "api"
    client_id: str | None = None
