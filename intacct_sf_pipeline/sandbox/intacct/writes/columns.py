"""Where the columns of an export or a generated row go: one step per column, worked out once per header.

Headers are API field names, dotted where nested; what an export holds beyond the stored members (`href`, names behind
references) is ignored knowingly, everything else unknown is refused.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from intacct_sf_pipeline.sandbox.intacct.errors import LoadError
from intacct_sf_pipeline.sandbox.intacct.schema.catalog import Catalog
from intacct_sf_pipeline.sandbox.intacct.schema.types import Field, ObjectSpec, Ref

_AUDIT_KEYS = {"created_by": "audit.createdByUser", "modified_by": "audit.modifiedByUser"}


@dataclass
class Layout:
    """The steps for one header.

    Attributes:
        fields: (column, field) of stored members.
        inline: (column, field) of members behind the inline reference.
        refs: reference path -> its given columns by member (`key`, `id`, `name`).
        countries: (column, whether inline) of full country names.
        lists: columns that hold owned lists.
    """

    fields: list[tuple[str, Field]] = field(default_factory=list)
    inline: list[tuple[str, Field]] = field(default_factory=list)
    refs: dict[str, dict[str, str]] = field(default_factory=dict)
    countries: list[tuple[str, bool]] = field(default_factory=list)
    lists: list[str] = field(default_factory=list)


def flatten(row: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, object]]:
    """A nested row as dotted columns; lists stay whole."""
    for name, value in row.items():
        if isinstance(value, Mapping):
            yield from flatten(value, f"{prefix}{name}.")
        else:
            yield prefix + name, value


def layout(catalog: Catalog, spec: ObjectSpec, header: Sequence[str], row_index: int) -> Layout:
    """The steps for a header.

    Raises:
        LoadError: a column the object does not have.
    """
    found = Layout()
    for column in header:
        if not _place(catalog, spec, column, found):
            raise LoadError(row_index, column, f"is not a field of {spec.name}")
    return found


def _place(catalog: Catalog, spec: ObjectSpec, column: str, found: Layout) -> bool:
    if column in spec.fields:
        _place_field(spec.fields[column], column, found.fields, found, inline=False)
        return True
    if column in spec.owned:
        found.lists.append(column)
        return True
    ref = _ref_of(spec, column)
    if ref is None:
        return column.startswith("audit.")
    member = column[len(ref.path) + 1 :]
    target = catalog[ref.target]
    if member in ("key", "id", "name"):
        found.refs.setdefault(ref.path, {})[member] = column
    elif ref.inline and member in target.fields:
        _place_field(target.fields[member], column, found.inline, found, inline=True)
    return member == "name" or catalog.resolve(target, member) is not None


def _place_field(member: Field, column: str, steps: list[tuple[str, Field]], found: Layout, *, inline: bool) -> None:
    if member.computed in (None, "item_total"):
        steps.append((column, member))
    elif member.computed == "country":
        found.countries.append((column, inline))
    elif member.computed in _AUDIT_KEYS and not inline:
        found.refs.setdefault(_AUDIT_KEYS[member.computed], {}).setdefault("key", column)


def _ref_of(spec: ObjectSpec, column: str) -> Ref | None:
    fitting = [ref for path, ref in spec.refs.items() if column.startswith(path + ".")]
    return max(fitting, key=lambda ref: len(ref.path), default=None)
