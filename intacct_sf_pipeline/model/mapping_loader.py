"""From YAML to a checked `SyncConfig`; every mistake of the file is reported at once, each with its line.

A company's file names only what differs from `default_mapping.yaml` (the rule is in `mapping_overlay`). Nothing is
guessed: an unknown key, a name that does not exist or a target that cannot be written is refused before anything
runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from importlib.resources import as_file, files
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from intacct_sf_pipeline.model.budget import COMPARE, BudgetConfig
from intacct_sf_pipeline.model.config import CADENCES, Limits, Policies, ScheduleConfig, SyncConfig
from intacct_sf_pipeline.model.costs import Costs
from intacct_sf_pipeline.model.findings import ConfigurationFileError, Finding, Mark
from intacct_sf_pipeline.model.friendly_errors import findings_of
from intacct_sf_pipeline.model.mapping import EntityMapping, FeedSpec, SyncMapping
from intacct_sf_pipeline.model.mapping_checks import (
    Names,
    entity_problems,
    feed_problems,
    settling_order,
    status_problems,
)
from intacct_sf_pipeline.model.mapping_overlay import overlay, without_limits_of_removed
from intacct_sf_pipeline.model.matching_overlay import without_removed_evidence
from intacct_sf_pipeline.model.problems import Problem
from intacct_sf_pipeline.model.records import SIDES, Side
from intacct_sf_pipeline.model.retention import RetentionConfig
from intacct_sf_pipeline.model.suggest import did_you_mean
from intacct_sf_pipeline.model.yaml_tree import Tree, read_tree

VERSION = "1"
SECTIONS = ("version", "feeds", "entities", "policies", "schedule", "limits", "budget", "costs", "retention")
M = TypeVar("M", bound=BaseModel)


def load_config(path: Path | None = None) -> SyncConfig:
    """The configuration in `path` laid over the default one; None: the default one.

    Raises:
        ConfigurationFileError: the file is wrong; a ConfigurationError that holds every finding.
    """
    with as_file(files("intacct_sf_pipeline.model") / "default_mapping.yaml") as packaged:
        default = read_tree(packaged)
    if path is None:
        return _config_of(default, [])
    own = read_tree(path)
    findings = _shape_findings(own)
    sound = {n: t for n, t in own.children().items() if n in SECTIONS and (t.value is None or t.children())}
    tree = overlay(default, own.with_children(sound), findings)
    tree = without_removed_evidence(without_limits_of_removed(tree, default.mark.file), default.mark.file)
    return _config_of(tree, findings)


def _config_of(tree: Tree, findings: list[Finding]) -> SyncConfig:
    sections = tree.children()
    policies = _read(Policies, sections.get("policies"), findings)
    schedule = _read(ScheduleConfig, sections.get("schedule"), findings)
    budget = _read(BudgetConfig, sections.get("budget"), findings)
    costs = _read(Costs, sections.get("costs"), findings)
    retention = _read(RetentionConfig, sections.get("retention"), findings)
    limits = {name: _read(Limits, child, findings) for name, child in _children(sections, "limits").items()}
    feeds, feed_names = _feeds(sections, findings)
    entities = [
        read
        for name, child in _children(sections, "entities").items()
        if (read := _read(EntityMapping, child, findings, name=name)) is not None
    ]
    names = Names(feed_names, tuple(_children(sections, "entities")))
    ordered, circles = settling_order(entities)
    ranked = budget.priority if budget is not None else ()
    problems = [
        *circles,
        *_limit_problems(limits, names),
        *_priority_problems(ranked, names),
        *_problems(feeds, entities, names),
    ]
    findings.extend(Finding(tree.mark_of(p.path), p.what, p.cure) for p in problems)
    if findings or policies is None or schedule is None or budget is None or costs is None or retention is None:
        raise ConfigurationFileError(findings)
    return SyncConfig(
        mapping=SyncMapping(feeds=tuple(feeds), entities=ordered),
        policies=policies,
        schedule=schedule,
        limits={name: read for name, read in limits.items() if read is not None},
        budget=budget,
        costs=costs,
        retention=retention,
    )


def _shape_findings(own: Tree) -> list[Finding]:
    """Mistakes at the top of a company's file: version, unknown sections, sections that hold no keys."""
    if not isinstance(own.value, Mapping):
        return [Finding(own.mark, "the file holds no sections", f"It may hold: {', '.join(SECTIONS)}")]
    top = Mark(own.mark.file, 1, 1)
    version = own.value.get("version")
    found = [
        Finding(child.mark, f"unknown section {name!r}", did_you_mean(name, SECTIONS))
        for name, child in own.value.items()
        if name not in SECTIONS
    ]
    if version is None:
        found.append(Finding(top, "'version' is missing", "Begin the file with 'version: 1'"))
    elif version.value != VERSION:
        found.append(Finding(version.mark, f"version {version.value!r} is not known", "Write 'version: 1'"))
    for name in SECTIONS[1:]:
        section = own.value.get(name)
        if section is not None and section.value is not None and not isinstance(section.value, Mapping):
            found.append(Finding(section.mark, f"{name!r} has to hold keys and values"))
    return found


def _feeds(sections: Mapping[str, Tree], findings: list[Finding]) -> tuple[list[FeedSpec], dict[Side, tuple[str, ...]]]:
    tree = _children(sections, "feeds")
    for name, child in tree.items():
        if name not in {side.value for side in SIDES}:
            findings.append(Finding(child.mark, f"unknown side {name!r}", "Feeds are of 'intacct' or 'salesforce'"))
    named = {side: tree[side.value].children() if side.value in tree else {} for side in SIDES}
    read = [
        _read(FeedSpec, child, findings, name=name, side=side) for side in SIDES for name, child in named[side].items()
    ]
    return [feed for feed in read if feed is not None], {side: tuple(named[side]) for side in SIDES}


def _read(model: type[M], tree: Tree | None, findings: list[Finding], **known: object) -> M | None:
    if tree is None:
        return model.model_validate(known)
    plain = tree.plain()
    if not isinstance(plain, dict):
        findings.append(Finding(tree.mark, "keys and values are wanted here", did_you_mean("", model.model_fields)))
        return None
    try:
        return model.model_validate({**plain, **known})
    except ValidationError as error:
        findings.extend(findings_of(error, model, tree))
        return None


def _problems(feeds: Iterable[FeedSpec], entities: Sequence[EntityMapping], names: Names) -> Iterable[Problem]:
    yield from status_problems(entities)
    for feed in feeds:
        yield from feed_problems(feed)
    for entity in entities:
        yield from entity_problems(entity, names)
        if entity.cadence not in CADENCES:
            what = f"there is no cadence {entity.cadence!r}"
            yield Problem(("entities", entity.name, "cadence"), what, did_you_mean(entity.cadence, CADENCES))


def _limit_problems(limits: Iterable[str], names: Names) -> Iterable[Problem]:
    for name in limits:
        if name not in names.entities:
            yield Problem(("limits", name), f"{name!r} is not an entity", did_you_mean(name, names.entities))


def _priority_problems(ranked: Iterable[str], names: Names) -> Iterable[Problem]:
    known = (*names.entities, COMPARE)
    for name in ranked:
        if name not in known:
            cure = did_you_mean(name, known)
            yield Problem(("budget", "priority", name), f"{name!r} is neither an entity nor {COMPARE!r}", cure)


def _children(sections: Mapping[str, Tree], name: str) -> Mapping[str, Tree]:
    return sections[name].children() if name in sections else {}
