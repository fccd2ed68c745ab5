"""What the default file says about matching, without the fields that a company's own file leaves out.

A removed field is no mistake in rules the company never wrote: evidence about it is dropped. A rule that matches by it
is still reported, and everything written in the company's own file is left as it is.
"""

from __future__ import annotations

from collections.abc import Collection

from intacct_sf_pipeline.model.yaml_tree import Tree

_EVIDENCE = ("unless_differs", "unless_all_differ")


def without_removed_evidence(tree: Tree, default_file: str) -> Tree:
    """The tree without evidence of `default_file` about fields that do not exist any more."""
    sections = tree.children()
    if "entities" not in sections:
        return tree
    entities = {name: _entity(entity, default_file) for name, entity in sections["entities"].children().items()}
    if not entities:
        return tree
    return tree.with_children({**sections, "entities": sections["entities"].with_children(entities)})


def _entity(entity: Tree, default_file: str) -> Tree:
    children = dict(entity.children())
    fields = children.get("fields")
    if fields is None or not isinstance(fields.value, tuple):
        return entity
    known = {str(child.children()["name"].value) for child in fields.value if "name" in child.children()}
    match, similar = children.get("match"), children.get("similar")
    if match is not None and match.mark.file == default_file and isinstance(match.value, tuple):
        children["match"] = Tree(tuple(_rule(rule, known) for rule in match.value), match.mark)
    if similar is not None and similar.mark.file == default_file:
        kept = _similar(similar, known)
        children = {**children, "similar": kept} if kept else {k: v for k, v in children.items() if k != "similar"}
    return entity.with_children(children)


def _rule(rule: Tree, known: Collection[str]) -> Tree:
    children = dict(rule.children())
    for key in _EVIDENCE:
        if key in children:
            kept = _named(children[key], known)
            # One field alone is no reason for `unless_all_differ`.
            children[key] = Tree(kept.value if len(_items(kept)) > 1 or key == _EVIDENCE[0] else (), kept.mark)
    return rule.with_children(children)


def _similar(similar: Tree, known: Collection[str]) -> Tree | None:
    """None when nothing is left to search or compare by."""
    children = dict(similar.children())
    for key in ("search", "compare"):
        if key not in children:
            return similar
        kept = tuple(one for one in _items(children[key]) if all(str(n.value) in known for n in _names_of(one)))
        if not kept:
            return None
        children[key] = Tree(kept, children[key].mark)
    if "tell_apart" in children:
        children["tell_apart"] = _named(children["tell_apart"], known)
    return similar.with_children(children)


def _named(names: Tree, known: Collection[str]) -> Tree:
    return Tree(tuple(name for name in _items(names) if str(name.value) in known), names.mark)


def _names_of(entry: Tree) -> tuple[Tree, ...]:
    """The field names of an entry of `search` (a list) or `compare` (a mapping with `fields`)."""
    children = entry.children()
    return _items(children["fields"]) if "fields" in children else _items(entry)


def _items(tree: Tree) -> tuple[Tree, ...]:
    return tree.value if isinstance(tree.value, tuple) else ()
