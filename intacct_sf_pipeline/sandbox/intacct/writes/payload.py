"""From the nested JSON of a write to flat changes, with every fault of the schema collected.

Source: the reference, 3.2 (REST-1064 with one REST-1043 detail per fault), 6.1 (null clears, references by key or
id), 6.3.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from intacct_sf_pipeline.sandbox.intacct.errors import Detail, bad_value, read_only_field, unknown_field
from intacct_sf_pipeline.sandbox.intacct.schema.catalog import Catalog
from intacct_sf_pipeline.sandbox.intacct.schema.types import Field, ObjectSpec, Ref, Row, Value
from intacct_sf_pipeline.sandbox.intacct.state import countries
from intacct_sf_pipeline.sandbox.intacct.writes.values import read_value


@dataclass(frozen=True)
class RefChoice:
    """What a write says about a reference: a key, an id, or neither (cleared)."""

    key: str | None = None
    id: str | None = None

    @property
    def clears(self) -> bool:
        """Whether the reference is to be emptied."""
        return self.key is None and self.id is None


@dataclass
class Changes:
    """A write's content.

    Attributes:
        values: stored members by path.
        refs: references by path.
        inline: changes of the record behind an inline reference, by its path.
        lists: elements of owned lists, by the list's path.
    """

    values: Row = field(default_factory=dict)
    refs: dict[str, RefChoice] = field(default_factory=dict)
    inline: dict[str, "Changes"] = field(default_factory=dict)
    lists: dict[str, list[Mapping[str, object]]] = field(default_factory=dict)


class PayloadReader:
    """Reads one payload against one object's table; use once."""

    def __init__(self, catalog: Catalog, spec: ObjectSpec, current: Row | None = None, target: str = "") -> None:
        """Args: the objects, the object written, its present row in an update, the JSON path so far."""
        self.faults: list[Detail] = []
        self.changes = Changes()
        self._catalog = catalog
        self._spec = spec
        self._current = current
        self._target = target

    def read(self, payload: Mapping[str, object], prefix: str = "") -> Changes:
        """Reads the members of a (nested) object; faults are collected in `faults`. Dotted names are for queries."""
        for name, raw in payload.items():
            if "." in name:
                self.faults.append(unknown_field(self._at(prefix + name)))
            else:
                self._member(prefix + name, raw)
        return self.changes

    def _at(self, path: str) -> str:
        return f"{self._target}/{path.replace('.', '/')}"

    def _member(self, path: str, raw: object) -> None:
        spec = self._spec
        if path in spec.fields:
            self._field(spec.fields[path], raw)
        elif path in spec.refs:
            self._ref(spec.refs[path], raw)
        elif path in spec.owned:
            self._list(path, raw)
        elif path in spec.groups:
            if isinstance(raw, Mapping):
                self.read(raw, path + ".")
            elif raw is not None:
                self.faults.append(bad_value(self._at(path), "must be an object"))
        else:
            self.faults.append(unknown_field(self._at(path)))

    def _field(self, member: Field, raw: object) -> None:
        if member.computed == "country":
            self._country(raw)
            return
        present = None if self._current is None else self._current.get(member.path)
        if member.read_only:
            if member.path == "key" and self._current is not None and str(raw) == present:
                return
            self.faults.append(read_only_field(self._at(member.path)))
            return
        if self._current is not None and not member.mutable:
            if raw != present:
                self.faults.append(read_only_field(self._at(member.path)))
            return
        try:
            self.changes.values[member.path] = read_value(member, raw)
        except ValueError as error:
            self.faults.append(bad_value(self._at(member.path), str(error)))

    def _country(self, raw: object) -> None:
        """The deprecated full name sets the code."""
        code = countries.code_of(raw) if isinstance(raw, str) and raw else None
        if raw and code is None:
            self.faults.append(bad_value(self._at("mailingAddress.country"), f"{raw!r} is not a country"))
        else:
            self.changes.values.setdefault("mailingAddress.isoCountryCode", code)

    def _ref(self, ref: Ref, raw: object) -> None:
        if ref.read_only:
            self.faults.append(read_only_field(self._at(ref.path)))
            return
        if raw is None:
            self.changes.refs[ref.path] = RefChoice()
            return
        if not isinstance(raw, Mapping):
            self.faults.append(bad_value(self._at(ref.path), 'must be an object such as {"key": "1"} or {"id": "A"}'))
            return
        given = {name: raw[name] for name in ("key", "id") if name in raw}
        if given:
            self._choose(ref, given)
        rest = {name: value for name, value in raw.items() if name not in given}
        if ref.inline and rest:
            reader = PayloadReader(self._catalog, self._catalog[ref.target], target=self._at(ref.path))
            self.changes.inline[ref.path] = reader.read(rest)
            self.faults.extend(reader.faults)
        elif rest:
            target = self._catalog[ref.target]
            for name in rest:
                at = f"{self._at(ref.path)}/{name}"
                known = name in target.fields or name in target.groups
                self.faults.append(read_only_field(at) if known else unknown_field(at))

    def _choose(self, ref: Ref, given: Mapping[str, object]) -> None:
        words: dict[str, str | None] = {}
        for name, value in given.items():
            if value is not None and not isinstance(value, str):
                self.faults.append(bad_value(f"{self._at(ref.path)}/{name}", "must be a string"))
                return
            words[name] = value or None
        self.changes.refs[ref.path] = RefChoice(words.get("key"), words.get("id"))

    def _list(self, path: str, raw: object) -> None:
        if not self._spec.owned[path].writable:
            self.faults.append(read_only_field(self._at(path)))
        elif isinstance(raw, list) and all(isinstance(element, Mapping) for element in raw):
            self.changes.lists[path] = list(raw)
        else:
            self.faults.append(bad_value(self._at(path), "must be an array of objects"))


def missing_required(spec: ObjectSpec, row: Mapping[str, Value]) -> list[str]:
    """Paths of required members a row to be created lacks."""
    return [path for path, column in spec.required if row.get(column) is None]
