"""How a company's own file is laid over the default one.

One rule: what has a name is changed key by key, every other value replaces the default one. Named are the sections,
each feed, each entity with its two sides, each field, the limits of an entity and what happens beyond them. `fields`
is written as a list to replace all fields, or as a mapping (field name -> keys) to change, add or (with `null`) remove
single ones. A feed, an entity or an entity's limits are removed by `null` as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set

from intacct_sf_pipeline.model.budget import COMPARE
from intacct_sf_pipeline.model.findings import Finding
from intacct_sf_pipeline.model.suggest import did_you_mean
from intacct_sf_pipeline.model.yaml_tree import Tree

_NAMED = (
    (),
    ("feeds",),
    ("feeds", "intacct"),
    ("feeds", "intacct", "*"),
    ("feeds", "salesforce"),
    ("feeds", "salesforce", "*"),
    ("entities",),
    ("entities", "*"),
    ("entities", "*", "intacct"),
    ("entities", "*", "salesforce"),
    ("entities", "*", "fields"),
    ("entities", "*", "fields", "*"),
    ("entities", "*", "similar"),
    ("policies",),
    ("schedule",),
    ("limits",),
    ("limits", "*"),
    ("limits", "*", "on_exceed"),
    ("budget",),
    ("budget", "intacct"),
    ("budget", "salesforce"),
    ("budget", "priority"),
    ("costs",),
    ("costs", "intacct"),
    ("costs", "salesforce"),
    ("retention",),
)
_REMOVABLE = (
    ("feeds", "intacct", "*"),
    ("feeds", "salesforce", "*"),
    ("entities", "*"),
    ("entities", "*", "fields", "*"),
    ("entities", "*", "similar"),
    ("limits", "*"),
)
_FIELDS = ("entities", "*", "fields")
_NAMES_BY_PEOPLE = (("feeds", "intacct"), ("feeds", "salesforce"), ("entities",), _FIELDS, ("limits",))
Path = tuple[str, ...]


def overlay(default: Tree, own: Tree, findings: list[Finding]) -> Tree:
    """The default configuration with the company's own on top; impossible removals are added to `findings`."""
    return _laid_over(default, own, (), findings)


def without_limits_of_removed(tree: Tree, default_file: str) -> Tree:
    """The tree without limits and priorities that the default file gives for entities which the company's own file
    removed.
    """
    for path in (("limits",), ("budget", "priority")):
        tree = _without_removed(tree, path, frozenset(tree.at(("entities",)).children()), default_file)
    return tree


def _without_removed(tree: Tree, path: Path, entities: Set[str], default_file: str) -> Tree:
    if not path:
        names = entities | {COMPARE}
        kept = {n: t for n, t in tree.children().items() if n in names or t.mark.file != default_file}
        return tree.with_children(kept) if tree.children() else tree
    children = tree.children()
    if path[0] not in children:
        return tree
    below = _without_removed(children[path[0]], path[1:], entities, default_file)
    return tree.with_children({**children, path[0]: below})


def _laid_over(base: Tree, own: Tree, path: Path, findings: list[Finding]) -> Tree:
    if path == _FIELDS:
        return _fields(base, own, findings)
    if own.value is None and path in _NAMED:
        return base
    if path not in _NAMED or not isinstance(own.value, Mapping) or not isinstance(base.value, Mapping):
        return _listed(own, path)
    return own.with_children(dict(_entries(base.value, own.value, path, findings)))


def _entries(
    base: Mapping[str, Tree], own: Mapping[str, Tree], path: Path, findings: list[Finding]
) -> Iterator[tuple[str, Tree]]:
    for name in dict.fromkeys((*base, *own)):
        child = (*path, "*" if path in _NAMES_BY_PEOPLE else name)
        if name not in own:
            yield name, base[name]
        elif own[name].value is None and child in _REMOVABLE:
            if name not in base:
                cure = did_you_mean(name, base)
                findings.append(Finding(own[name].mark, f"{name!r} cannot be removed: there is none", cure))
        elif name in base:
            yield name, _laid_over(base[name], own[name], child, findings)
        else:
            yield name, _new(own[name], child)


def _new(own: Tree, path: Path) -> Tree:
    """A value without a default; the fields of a new entity become a list."""
    if path == ("entities", "*") and "fields" in own.children():
        children = own.children()
        return own.with_children({**children, "fields": _listed(children["fields"], _FIELDS)})
    return _listed(own, path)


def _fields(base: Tree, own: Tree, findings: list[Finding]) -> Tree:
    if not isinstance(own.value, Mapping) or not isinstance(base.value, tuple):
        return _listed(own, _FIELDS)
    named = {str(child.children()["name"].value): child for child in base.value if "name" in child.children()}
    merged = own.with_children(dict(_entries(named, own.value, _FIELDS, findings)))
    return _listed(merged, _FIELDS)


def _listed(own: Tree, path: Path) -> Tree:
    """`fields` written as a mapping, as the list that it stands for."""
    if path != _FIELDS or not isinstance(own.value, Mapping):
        return own
    return Tree(tuple(_with_name(name, child) for name, child in own.value.items()), own.mark)


def _with_name(name: str, child: Tree) -> Tree:
    if not isinstance(child.value, Mapping) or "name" in child.value:
        return child
    return child.with_children({"name": Tree(name, child.mark), **child.value})
