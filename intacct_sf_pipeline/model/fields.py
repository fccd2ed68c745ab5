"""The fields of the mapping: where each side's value comes from, how it travels, and which rule settles a conflict."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from intacct_sf_pipeline.model.records import Side


class MappingModel(BaseModel):
    """Base of all mapping values: frozen, and no key without a meaning."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Direction(StrEnum):
    """Which way a field's changes travel; `match` fields only help records find each other and are never written."""

    BOTH = "both"
    TO_SALESFORCE = "to_salesforce"
    TO_INTACCT = "to_intacct"
    MATCH = "match"

    def writes(self, target: Side) -> bool:
        """Whether this direction may write to `target`."""
        return self is Direction.BOTH or self is (
            Direction.TO_INTACCT if target is Side.INTACCT else Direction.TO_SALESFORCE
        )


class ConflictRule(StrEnum):
    """Who wins when both sides changed the same field since they last agreed."""

    NEWEST = "newest"
    INTACCT = "intacct"
    SALESFORCE = "salesforce"
    HOLD = "hold"


class FieldType(StrEnum):
    """How a value is normalised for comparison and rendered for writing (see `engine/values/normalise.py`)."""

    TEXT = "text"
    MULTILINE = "multiline"
    STREET = "street"
    PHONE = "phone"
    EMAIL = "email"
    COUNTRY = "country"
    STATE = "state"
    POSTAL_CODE = "postal_code"
    DECIMAL = "decimal"
    BOOLEAN = "boolean"
    ENUM = "enum"
    TABLE = "table"
    DATETIME = "datetime"
    REFERENCE = "reference"


class MatchForm(StrEnum):
    """What kind of text a field holds, which says what does not count when records look for their partner.

    `company`: legal form, "the", "and", usual abbreviations; `person`: forms of address; `title` (of goods):
    punctuation apart from numbers; `code`: case and blanks alone; `words` (default): case, accents, punctuation,
    blanks.
    """

    COMPANY = "company"
    PERSON = "person"
    TITLE = "title"
    CODE = "code"
    WORDS = "words"


class Source(MappingModel):
    """Where one side's value of a field comes from.

    `columns` are vendor columns (`alias.column` for related rows). `compute` names a function of
    `engine/values/compose.py`; without it, one column is read as it is and several are joined as lines.
    """

    columns: tuple[str, ...] = ()
    compute: str | None = None
    expression: str = ""
    otherwise: str = ""

    @property
    def write_columns(self) -> tuple[str, ...]:
        """The columns a value is written to: all of them, or the last one of a computed source."""
        return self.columns[-1:] if self.compute else self.columns


def _source(value: object) -> object:
    if isinstance(value, str):
        return {"columns": (value,)}
    if isinstance(value, list):
        return {"columns": tuple(value)}
    return value


FieldSource = Annotated[Source, BeforeValidator(_source)]


class Breaker(MappingModel):
    """Bounds that a field's new value must keep to before it is written; what breaks one is held, or stops the run.

    Numbers: `rise_percent` and `fall_percent` of the former value (that much or more; an emptied value fell by 100),
    `at_least` and `at_most` of the new one. Text: `rename_percent`, the share of characters that change. A first value
    has no former one and is judged by `at_least` and `at_most` only; so is a rise from zero.
    """

    rise_percent: Decimal | None = Field(default=None, gt=0)
    fall_percent: Decimal | None = Field(default=None, gt=0, le=100)
    at_least: Decimal | None = None
    at_most: Decimal | None = None
    rename_percent: Decimal | None = Field(default=None, gt=0, le=100)
    action: Literal["hold", "stop"] = "hold"

    @property
    def of_numbers(self) -> bool:
        """Whether it has a bound that judges numbers."""
        return any(v is not None for v in (self.rise_percent, self.fall_percent, self.at_least, self.at_most))


class FieldSpec(MappingModel):
    """One row of the mapping table.

    `when_empty` decides what an empty one-way source does to a target that has a value and was never written by us;
    `group` names fields that are taken from one side as a whole when two records meet for the first time; `stamp` marks
    a value that is written along with others but never compared; `create_only` one that cannot change later; `breaker`
    bounds what may be written; `matched_as` says what kind of text it is to the match rules. `values` translates: an
    enum's one to one, a table's perhaps several Intacct values to one Salesforce value ("" stands for none). `currency`
    names the field that holds an amount's currency, which says how many digits it has.
    """

    name: str
    intacct: FieldSource
    salesforce: FieldSource
    direction: Direction = Direction.BOTH
    conflict: ConflictRule = ConflictRule.NEWEST
    type: FieldType = FieldType.TEXT
    label: str = ""
    values: Mapping[str, str | bool] = Field(default_factory=dict)
    scale: int | None = None
    currency: str | None = None
    to: str | None = None
    group: str | None = None
    too_long: Literal["hold", "truncate"] = "hold"
    when_empty: Literal["clear", "keep"] = "clear"
    required: bool = False
    stamp: bool = False
    create_only: bool = False
    breaker: Breaker | None = None
    matched_as: MatchForm = MatchForm.WORDS

    def source(self, side: Side) -> Source:
        """The field's source on `side`."""
        return self.intacct if side is Side.INTACCT else self.salesforce

    @property
    def title(self) -> str:
        """A name for people."""
        return self.label or self.name.replace("_", " ").capitalize()
