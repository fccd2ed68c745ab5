"""The mapping: which objects are read, which records belong together, which fields agree and by which rule.

Typed and frozen; `mapping_loader` reads it from YAML. Everything else (assets, checks, jobs, staging columns,
documentation tables) follows from these values.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from functools import cached_property

from pydantic import Field

from intacct_sf_pipeline.model.fields import FieldSpec, MappingModel
from intacct_sf_pipeline.model.matching import EXTERNAL_ID_RULE, MatchRule, Similar
from intacct_sf_pipeline.model.records import Side


class ReadMode(StrEnum):
    """How a feed is read: what changed since the watermark, or every row each time (objects without a stamp)."""

    CHANGES = "changes"
    ALL = "all"


class FeedSpec(MappingModel):
    """One vendor object as it is read: name and side are filled in by the loader from its place in the file."""

    name: str
    side: Side
    object: str
    asset: str
    key: str
    id: str = ""
    modified: str | None = None
    stamp: str | None = None
    read: ReadMode = ReadMode.CHANGES
    columns: tuple[str, ...] = ()

    @property
    def table(self) -> str:
        """Name of the landing table, e.g. `landing_intacct_customers`."""
        return f"landing_{self.side.value}_{self.name}"


class Related(MappingModel):
    """Rows of another feed that belong to a record: reached as `alias.column`; `many` keeps all, else the first by key.

    `local` is a column of the primary feed, `foreign` a column of the related one; they join by equality.
    """

    feed: str
    alias: str
    local: str
    foreign: str
    many: bool = False


class Condition(MappingModel):
    """One test on a source column; exactly one of the tests is given."""

    column: str
    equals: str | None = None
    not_equals: str | None = None
    starts_with: str | None = None
    one_of: tuple[str, ...] | None = None
    present: bool | None = None


class Variant(MappingModel):
    """One of several records made from a single source row (an item's price in one price book)."""

    name: str
    columns: Mapping[str, str] = Field(default_factory=dict)
    constants: Mapping[str, str] = Field(default_factory=dict)


class NewId(StrEnum):
    """How a record created in Intacct gets its id: derived from the Salesforce id, or by Intacct's own numbering."""

    DERIVED = "derived"
    AUTO = "auto"


class StatusFields(MappingModel):
    """Columns of a Salesforce record that tell its users how its synchronisation stands.

    `field` takes `In sync`, `Held` or `Not synchronised`; `message`, if named, takes what is wrong and what to do.
    """

    field: str
    message: str | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns written."""
        return (self.field,) if self.message is None else (self.field, self.message)


class Ownership(MappingModel):
    """Which entity of a company of several a record of Intacct belongs to, and in which new ones are made.

    `column` names the owner and is empty at the top level; a record is changed in the entity that owns it. `new` is the
    field whose Intacct value is the entity of a new record; without one, or where it is empty, new records are made
    where the connection is: at the top level, or in `INTACCT_ENTITY_ID`.
    """

    column: str = "entity.id"
    new: str | None = None


class SideSpec(MappingModel):
    """One side of an entity: where its records come from and how they are written."""

    feed: str
    object: str
    related: tuple[Related, ...] = ()
    create_when: tuple[Condition, ...] = ()
    in_scope_when: tuple[Condition, ...] = ()
    on_create: Mapping[str, str | bool] = Field(default_factory=dict)
    external_id: str | None = None
    new_id: NewId = NewId.DERIVED
    new_id_template: str = "{salesforce_id}"
    deactivate: Mapping[str, str | bool] = Field(default_factory=dict)
    variants: tuple[Variant, ...] = ()
    creates: bool = True
    status: StatusFields | None = None
    owned_by: Ownership | None = None


class EntityMapping(MappingModel):
    """One flow: two sides, their fields, and how their records find each other."""

    name: str
    description: str = ""
    cadence: str
    intacct: SideSpec
    salesforce: SideSpec
    fields: tuple[FieldSpec, ...]
    match: tuple[MatchRule, ...] = ()
    similar: Similar | None = None
    links: str = ""
    after: tuple[str, ...] = ()
    tie: Side = Side.INTACCT
    enabled: bool = True

    def side(self, side: Side) -> SideSpec:
        """The entity's `side`."""
        return self.intacct if side is Side.INTACCT else self.salesforce

    @property
    def link_entity(self) -> str:
        """Whose links this entity uses (stock rides on those of products)."""
        return self.links or self.name

    @cached_property
    def by_name(self) -> Mapping[str, FieldSpec]:
        """Fields by canonical name."""
        return {spec.name: spec for spec in self.fields}

    @cached_property
    def match_rules(self) -> tuple[MatchRule, ...]:
        """The rules in order: the external id first, then those of the mapping."""
        external = self.salesforce.external_id
        implied = [spec.name for spec in self.fields if external and spec.salesforce.columns == (external,)]
        first = (MatchRule(name=EXTERNAL_ID_RULE, fields=(implied[0],)),) if implied else ()
        return first + self.match

    def feeds(self, side: Side) -> tuple[str, ...]:
        """Names of the feeds this entity reads on `side`, the primary first."""
        spec = self.side(side)
        return tuple(dict.fromkeys((spec.feed, *(related.feed for related in spec.related))))

    def writes_to(self, side: Side) -> bool:
        """Whether any field of the entity travels to `side`."""
        return any(spec.direction.writes(side) for spec in self.fields)


class SyncMapping(MappingModel):
    """The whole mapping: feeds per side and the entities built on them, in the order in which they settle."""

    feeds: tuple[FeedSpec, ...]
    entities: tuple[EntityMapping, ...]

    def feed(self, side: Side, name: str) -> FeedSpec:
        """The feed `name` of `side`.

        Raises:
            KeyError: no such feed.
        """
        for feed in self.feeds:
            if feed.side is side and feed.name == name:
                return feed
        raise KeyError(f"{side}/{name}")

    def entity(self, name: str) -> EntityMapping:
        """The entity `name`.

        Raises:
            KeyError: no such entity.
        """
        for entity in self.entities:
            if entity.name == name:
                return entity
        raise KeyError(name)

    def enabled(self) -> tuple[EntityMapping, ...]:
        """The entities in use, in settling order."""
        return tuple(entity for entity in self.entities if entity.enabled)

    def consumers(self, feed: FeedSpec) -> tuple[EntityMapping, ...]:
        """Enabled entities that read `feed`."""
        return tuple(e for e in self.enabled() if feed.name in e.feeds(feed.side))

    def used_feeds(self, *entities: EntityMapping) -> tuple[FeedSpec, ...]:
        """The feeds that `entities` (default: all enabled) read, without repetition."""
        chosen = entities or self.enabled()
        return tuple(f for f in self.feeds if any(f.name in e.feeds(f.side) for e in chosen))

    def columns(self, feed: FeedSpec) -> tuple[str, ...]:
        """Every vendor column that must be read for `feed`: mapped, joined on, filtered by, or named in the feed."""
        return tuple(dict.fromkeys((*feed.columns, *self._columns(feed))))

    def _columns(self, feed: FeedSpec) -> Iterator[str]:
        for entity in self.enabled():
            if feed.name not in entity.feeds(feed.side):
                continue
            yield from _columns_of(entity, feed)


def _columns_of(entity: EntityMapping, feed: FeedSpec) -> Iterator[str]:
    side = entity.side(feed.side)
    aliases = {related.alias: related for related in side.related}
    for related in side.related:
        if side.feed == feed.name:
            yield related.local
        if related.feed == feed.name:
            yield related.foreign
    for column in _named_columns(entity, feed.side):
        alias, _, rest = column.partition(".")
        if alias in aliases:
            if aliases[alias].feed == feed.name:
                yield rest
        elif side.feed == feed.name and not _is_virtual(side, column):
            yield column


def _named_columns(entity: EntityMapping, side: Side) -> Iterator[str]:
    spec = entity.side(side)
    for field in entity.fields:
        yield from field.source(side).columns
    for condition in (*spec.create_when, *spec.in_scope_when):
        yield condition.column
    for variant in spec.variants:
        yield from variant.columns.values()
    yield from spec.deactivate
    if spec.owned_by is not None:
        yield spec.owned_by.column


def _is_virtual(side: SideSpec, column: str) -> bool:
    return any(column in variant.columns or column in variant.constants for variant in side.variants)
