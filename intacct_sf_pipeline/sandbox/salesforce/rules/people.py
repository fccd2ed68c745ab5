"""Computed names of people and of numbered records."""

from intacct_sf_pipeline.sandbox.salesforce.rules.base import Rules
from intacct_sf_pipeline.sandbox.salesforce.store.rows import Save


class PersonName(Rules):
    """`Name` is first and last name with a blank between. Source: Object Ref, Contact."""

    def before_save(self, save: Save) -> None:
        """Computes the name."""
        row = save.row
        first, last = row["FirstName"], row["LastName"]
        row["Name"] = " ".join(str(part) for part in (first, last) if part) or None


class AutoNumber(Rules):
    """`Name` is a running number with a prefix, given once."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix

    def before_save(self, save: Save) -> None:
        """Numbers a new row."""
        if save.row["Name"] is None:
            number = len(save.db.table(save.sobject.name)) + 1
            save.row["Name"] = f"{self._prefix}-{number:06d}"
