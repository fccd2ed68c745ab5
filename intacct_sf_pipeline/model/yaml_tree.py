"""YAML text as a tree that remembers the place of every value, so that each mistake can be pointed at.

Read strictly: one document, no tags, anchors or aliases, no key twice. Of unquoted values only `true`, `false` and
`null` are special: `07:00` or `007` are the text they look like (a typed model makes numbers of them where it wants
numbers), and the words on which YAML 1.1 and 1.2 disagree (`yes`, `no`, `on`, `off`) are refused until they are
quoted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import yaml

from intacct_sf_pipeline.model.findings import ConfigurationFileError, Finding, Mark

Plain = str | bool | list["Plain"] | dict[str, "Plain"] | None
_WORDS: Mapping[str, bool | None] = {
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
    "null": None, "Null": None, "NULL": None, "~": None, "": None,
}  # fmt: skip
_AMBIGUOUS = frozenset({"yes", "no", "on", "off"})
_DEEPEST = 16
FASTEST: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml's parser, fifteen times as fast as PyYAML's own, where PyYAML came with it."""


class _Position(Protocol):
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Tree:
    """One value of the file: a scalar, a list of trees or a mapping of trees; `mark` is where it or its key stands."""

    value: str | bool | tuple[Tree, ...] | Mapping[str, Tree] | None
    mark: Mark

    def children(self) -> Mapping[str, Tree]:
        """The entries of a mapping; nothing for anything else."""
        return self.value if isinstance(self.value, Mapping) else {}

    def plain(self) -> Plain:
        """The value without its places."""
        if isinstance(self.value, Mapping):
            return {key: child.plain() for key, child in self.value.items()}
        if isinstance(self.value, tuple):
            return [child.plain() for child in self.value]
        return self.value

    def at(self, path: Sequence[str | int]) -> Tree:
        """The tree at `path`, or the deepest one on the way to it that exists."""
        here = self
        for part in path:
            found = here._child(part)
            here = found if found is not None else here
        return here

    def mark_of(self, path: Sequence[str | int]) -> Mark:
        """Where to point for a mistake at `path`: the deepest place on the way that stands in the file of the top."""
        here, mark = self, self.mark
        for part in path:
            found = here._child(part)
            if found is None:
                break
            here = found
            mark = here.mark if here.mark.file == self.mark.file else mark
        return mark

    def _child(self, part: str | int) -> Tree | None:
        if isinstance(self.value, Mapping):
            return self.value.get(str(part))
        if isinstance(self.value, tuple) and isinstance(part, int) and part < len(self.value):
            return self.value[part]
        return None

    def with_children(self, children: Mapping[str, Tree]) -> Tree:
        """The same mapping with other entries."""
        return replace(self, value=dict(children))


def read_tree(path: Path) -> Tree:
    """The tree of a YAML file.

    Raises:
        ConfigurationFileError: it cannot be read, is not UTF-8, not YAML, or uses what the module docstring rules out.
    """
    start = Mark(str(path), 1, 1)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        cure = "Give the path of a YAML file in SYNC_CONFIG, or unset it to use the defaults"
        raise ConfigurationFileError([Finding(start, f"the file cannot be read ({error.strerror})", cure)]) from None
    except UnicodeDecodeError as error:
        raise ConfigurationFileError(
            [Finding(start, f"the file is not UTF-8 (byte {error.start + 1})", "Save it as UTF-8")]
        ) from None
    return parse_tree(text, str(path))


def parse_tree(text: str, file: str, loader: type[yaml.SafeLoader] = FASTEST) -> Tree:
    """The tree of YAML text; `file` is the name its marks carry.

    What `loader` does not understand is read again by PyYAML's own, so that mistakes are told in the same words and
    places everywhere; text with a tab goes to that one at once, since libyaml takes tabs where it does not.

    Raises:
        ConfigurationFileError: as `read_tree`.
    """
    if "\t" not in text:
        with suppress(yaml.YAMLError, UnicodeEncodeError):
            return _Reading(text, file, loader).tree()
    try:
        return _Reading(text, file, yaml.SafeLoader).tree()
    except yaml.YAMLError as error:
        raise ConfigurationFileError([_syntax_finding(error, file)]) from None


class _Reading:
    """Builds the tree in one pass over the parser's events, and collects what is wrong on the way."""

    def __init__(self, text: str, file: str, loader: type[yaml.SafeLoader]) -> None:
        self._events: Iterator[yaml.Event] = yaml.parse(text, Loader=loader)
        self._file = file
        self._findings: list[Finding] = []

    def tree(self) -> Tree:
        found: Tree | None = None
        for event in self._events:
            if not isinstance(event, yaml.DocumentStartEvent):
                continue
            if found is not None:
                self._note(event, "a second document begins here", "Keep one document in the file")
                break
            first = next(self._events)
            found = self._value(first, self._mark(first), 0)
        if found is None:
            raise ConfigurationFileError(
                [Finding(Mark(self._file, 1, 1), "the file is empty", "It begins with 'version: 1'")]
            )
        if self._findings:
            raise ConfigurationFileError(self._findings)
        return found

    def _value(self, event: yaml.Event, mark: Mark, depth: int) -> Tree:
        self._refuse_marked(event)
        if isinstance(event, yaml.CollectionStartEvent) and depth >= _DEEPEST:
            self._note(event, f"nested more than {_DEEPEST} deep", "No key of the configuration is")
            raise ConfigurationFileError(self._findings)
        if isinstance(event, yaml.MappingStartEvent):
            return Tree(self._entries(depth + 1), mark)
        if isinstance(event, yaml.SequenceStartEvent):
            ends = yaml.SequenceEndEvent
            return Tree(tuple(self._value(one, self._mark(one), depth + 1) for one in self._until(ends)), mark)
        return Tree(self._scalar(event) if isinstance(event, yaml.ScalarEvent) else None, mark)

    def _entries(self, depth: int) -> dict[str, Tree]:
        entries: dict[str, Tree] = {}
        for key in self._until(yaml.MappingEndEvent):
            mark = self._mark(key)
            if isinstance(key, yaml.ScalarEvent):
                self._refuse_marked(key)
            else:
                self._value(key, mark, depth)
            child = self._value(next(self._events), mark, depth)
            if not isinstance(key, yaml.ScalarEvent):
                self._note(key, "a key has to be plain text", "Check the brackets and the colon")
            elif key.value in entries:
                first = entries[key.value].mark.line
                self._note(key, f"the key {key.value!r} is given twice, first in line {first}", "Keep one of the two")
            else:
                entries[key.value] = child
        return entries

    def _scalar(self, event: yaml.ScalarEvent) -> str | bool | None:
        text = str(event.value)
        if event.style:  # quoted or a block; libyaml says '' of plain text, PyYAML's own parser None
            return text
        if text.lower() in _AMBIGUOUS:
            meant = "true" if text.lower() in {"yes", "on"} else "false"
            what = f"{text} without quotes means true or false to some readers of YAML and text to others"
            self._note(event, what, f'Write {meant}, or "{text}" in quotes')
        return _WORDS.get(text, text)

    def _refuse_marked(self, event: yaml.Event) -> None:
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            what = "anchors (&) and aliases (*) are not supported"
            self._note(event, what, "Write the value out in both places, or quote the text")
        elif tag := getattr(event, "tag", None):
            self._note(event, f"the tag {tag} is not supported", "Leave it out; the type follows from the key")

    def _until(self, end: type[yaml.Event]) -> Iterator[yaml.Event]:
        while not isinstance(event := next(self._events), end):
            yield event

    def _note(self, event: yaml.Event, what: str, cure: str) -> None:
        self._findings.append(Finding(self._mark(event), what, cure))

    def _mark(self, event: yaml.Event) -> Mark:
        return _mark(event.start_mark, self._file)


def _syntax_finding(error: yaml.YAMLError, file: str) -> Finding:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    problem = getattr(error, "problem", None) or "a character that YAML does not allow"
    if "'\\t'" in problem:
        return Finding(_mark(mark, file), "a tab stands where only spaces may", "Indent with spaces")
    if "expected a single document" in str(error):
        return Finding(_mark(mark, file), "a second document begins here", "Keep one document in the file")
    return Finding(
        _mark(mark, file),
        f"not valid YAML: {problem}",
        "Check indentation, colons, quotes and brackets here and in the line above",
    )


def _mark(mark: _Position | None, file: str) -> Mark:
    return Mark(file, mark.line + 1, mark.column + 1) if mark else Mark(file, 1, 1)
