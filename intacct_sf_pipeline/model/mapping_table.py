"""The mapping as a table for people: which field goes where, which way, and who wins."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from intacct_sf_pipeline.model.config import SyncConfig
from intacct_sf_pipeline.model.fields import Direction, FieldSpec, Source
from intacct_sf_pipeline.model.mapping import EntityMapping

_ARROWS = {Direction.BOTH: "↔", Direction.TO_SALESFORCE: "→", Direction.TO_INTACCT: "←", Direction.MATCH: "="}
_HEADINGS = ("Field", "Intacct", "", "Salesforce", "Type", "Conflict", "Notes")


@dataclass(frozen=True, slots=True)
class MappingRow:
    """One mapped field in words; `arrow` points to the side that is written, `=` only helps records find each other."""

    entity: str
    field: str
    intacct: str
    arrow: str
    salesforce: str
    type: str
    conflict: str
    notes: str


def mapping_table(config: SyncConfig) -> list[MappingRow]:
    """A row for each field of each enabled entity, in settling order."""
    return [row for entity in config.mapping.enabled() for row in entity_rows(entity)]


def entity_rows(entity: EntityMapping) -> list[MappingRow]:
    """A row for each field of `entity`; a conflict rule only where both sides may change the field."""
    return [
        MappingRow(
            entity.name,
            field.title,
            _source(field.intacct),
            _ARROWS[field.direction],
            _source(field.salesforce),
            field.type.value,
            field.conflict.value if field.direction is Direction.BOTH else "",
            ", ".join(_notes(field)),
        )
        for field in entity.fields
    ]


def markdown_table(entity: EntityMapping) -> str:
    """The rows of `entity` as a Markdown table."""
    lines = [_line(_HEADINGS), _line(["---"] * len(_HEADINGS))]
    for row in entity_rows(entity):
        cells = (row.field, _code(row.intacct), row.arrow, _code(row.salesforce), row.type, row.conflict, row.notes)
        lines.append(_line([cell.replace("|", "\\|").replace("\n", " ") for cell in cells]))
    return "\n".join(lines)


def _source(source: Source) -> str:
    if source.compute is None:
        return ", ".join(source.columns)
    what = source.expression or ", ".join(source.columns)
    return f"{source.compute}({what})"


def _notes(field: FieldSpec) -> Iterator[str]:
    if field.required:
        yield "required"
    if field.to:
        yield f"link to {field.to}"
    if field.values:
        yield " ".join(f"{code or '(none)'}={_word(partner)}" for code, partner in field.values.items())
    if field.currency:
        yield f"decimals of its {field.currency}"
    elif field.scale is not None:
        yield f"{field.scale} decimals"
    if field.group:
        yield f"{field.group} as a whole"
    if field.create_only:
        yield "on create only"
    if field.stamp:
        yield "written along, not compared"
    if field.when_empty == "keep":
        yield "empty keeps"
    if field.too_long == "truncate":
        yield "cut when too long"
    if field.breaker is not None:
        yield (
            "bounds: a change beyond them stops the run" if field.breaker.action == "stop" else "held beyond its bounds"
        )


def _word(value: str | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else value


def _code(text: str) -> str:
    return f"`{text}`" if text else ""


def _line(cells: list[str] | tuple[str, ...]) -> str:
    return f"| {' | '.join(cells)} |"
