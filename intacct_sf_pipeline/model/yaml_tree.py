"""YAML text as a tree that remembers the place of every value, so that each mistake can be pointed at.

Read strictly: one document, no tags, anchors or aliases, no key twice. Of unquoted values only `true`, `false` and
`null` are special: `07:00` or `007` are the text they look like (a typed model makes numbers of them where it wants
numbers), and the words on which YAML 1.1 and 1.2 disagree (`yes`, `no`, `on`, `off`) are refused until they are
quoted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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


def parse_tree(text: str, file: str) -> Tree:
    """The tree of YAML text; `file` is the name its marks carry.

    Raises:
        ConfigurationFileError: as `read_tree`.
    """
    try:
        findings = _forbidden(text, file)
        if findings:
            raise ConfigurationFileError(findings)
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        raise ConfigurationFileError([_syntax_finding(error, file)]) from None
    if node is None:
        raise ConfigurationFileError([Finding(Mark(file, 1, 1), "the file is empty", "It begins with 'version: 1'")])
    tree = _tree(node, _mark(node.start_mark, file), file, findings)
    if findings:
        raise ConfigurationFileError(findings)
    return tree


def _forbidden(text: str, file: str) -> list[Finding]:
    findings: list[Finding] = []
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        mark = _mark(event.start_mark, file)
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            findings.append(
                Finding(
                    mark,
                    "anchors (&) and aliases (*) are not supported",
                    "Write the value out in both places, or quote the text",
                )
            )
        elif tag := getattr(event, "tag", None):
            findings.append(
                Finding(mark, f"the tag {tag} is not supported", "Leave it out; the type follows from the key")
            )
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > _DEEPEST:
            return [*findings, Finding(mark, f"nested more than {_DEEPEST} deep", "No key of the configuration is")]
    return findings


def _tree(node: yaml.Node, mark: Mark, file: str, findings: list[Finding]) -> Tree:
    if isinstance(node, yaml.MappingNode):
        return Tree(_entries(node, file, findings), mark)
    if isinstance(node, yaml.SequenceNode):
        return Tree(tuple(_tree(child, _mark(child.start_mark, file), file, findings) for child in node.value), mark)
    if isinstance(node, yaml.ScalarNode) and node.style is not None:
        return Tree(node.value, mark)
    if node.value.lower() in _AMBIGUOUS:
        meant = "true" if node.value.lower() in {"yes", "on"} else "false"
        what = f"{node.value} without quotes means true or false to some readers of YAML and text to others"
        findings.append(Finding(_mark(node.start_mark, file), what, f'Write {meant}, or "{node.value}" in quotes'))
    return Tree(_WORDS.get(node.value, node.value), mark)


def _entries(node: yaml.MappingNode, file: str, findings: list[Finding]) -> dict[str, Tree]:
    entries: dict[str, Tree] = {}
    for key, child in node.value:
        mark = _mark(key.start_mark, file)
        if not isinstance(key, yaml.ScalarNode):
            findings.append(Finding(mark, "a key has to be plain text", "Check the brackets and the colon"))
        elif key.value in entries:
            first = entries[key.value].mark.line
            findings.append(
                Finding(mark, f"the key {key.value!r} is given twice, first in line {first}", "Keep one of the two")
            )
        else:
            entries[key.value] = _tree(child, mark, file, findings)
    return entries


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
