"""Who acts: users and what each may see or write (field-level security)."""

from dataclasses import dataclass, field

from intacct_sf_pipeline.sandbox.salesforce.schema.model import Field, SObjectType


@dataclass
class User:
    """A user of the org.

    `hidden` and `read_only` hold `Object.Field` names in lower case: what field-level security takes away. To a hidden
    field the API says that it does not exist. Source: salesforce.md 12.12.
    """

    id: str
    username: str
    name: str
    hidden: set[str] = field(default_factory=set)
    read_only: set[str] = field(default_factory=set)
    hidden_objects: set[str] = field(default_factory=set)

    def may_see(self, sobject: SObjectType) -> bool:
        """Whether the object exists for this user."""
        return sobject.name.lower() not in self.hidden_objects

    def visible(self, sobject: SObjectType, one: Field) -> bool:
        """Whether the field exists for this user."""
        return one.visible and (not self.hidden or f"{sobject.name}.{one.name}".lower() not in self.hidden)

    def find(self, sobject: SObjectType, name: str) -> Field | None:
        """The field of that name if this user may see it."""
        found = sobject.field(name)
        return found if found is not None and self.visible(sobject, found) else None

    def fields(self, sobject: SObjectType) -> tuple[Field, ...]:
        """All fields this user may see."""
        return tuple(f for f in sobject.fields if self.visible(sobject, f))

    def may_create(self, sobject: SObjectType, one: Field) -> bool:
        """Whether a create may carry the field."""
        return one.createable and not self._locked(sobject, one)

    def may_update(self, sobject: SObjectType, one: Field) -> bool:
        """Whether an update may carry the field."""
        return one.updateable and not self._locked(sobject, one)

    def _locked(self, sobject: SObjectType, one: Field) -> bool:
        return bool(self.read_only) and f"{sobject.name}.{one.name}".lower() in self.read_only
