"""The demo's acts: first sync, edits, second sync, the refused record mended, an idle sync, proof of agreement."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from intacct_sf_pipeline.cli.compare import agreement_document
from intacct_sf_pipeline.cli.database import explain_record, open_holds, staging_store
from intacct_sf_pipeline.cli.demo_story import Cast, Pair, Scene, Story
from intacct_sf_pipeline.cli.instance import shared_instance
from intacct_sf_pipeline.cli.runner import SyncRequest, run_sync
from intacct_sf_pipeline.cli.session import load_config, load_settings
from intacct_sf_pipeline.cli.sync import run_document
from intacct_sf_pipeline.model.errors import SyncError
from intacct_sf_pipeline.model.records import Side
from intacct_sf_pipeline.sandbox.clock import OffsetClock
from intacct_sf_pipeline.sandbox.server import Sandbox

LONGEST_NAME = 36
NOT_TOLD = {"on_create", "stamp"}
"""Rules whose writes only accompany others."""


class Demo:
    """One demo on one running sandbox; the process's environment already points at it."""

    def __init__(self, sandbox: Sandbox, clock: OffsetClock, say: Callable[[str], None]) -> None:
        self.sandbox, self.clock, self.say = sandbox, clock, say
        self.settings = load_settings()
        self.config = load_config(self.settings)

    def play(self) -> dict[str, Any]:
        """All acts; the document that `demo --json` prints, without `seconds`."""
        first = self._sync("First sync: the two systems meet")
        story = Story(self.sandbox, self.clock, self._cast())
        self.say("People edit records on both sides ...")
        scenes = story.play()
        second = self._sync("Second sync: their edits travel")
        held = open_holds(None)
        told = [self._told(scene, second["run_id"]) for scene in scenes]
        mending = story.mend()
        mended = self._sync("Third sync: the refused record was mended")
        document = {
            "first_sync": first,
            "second_sync": second,
            "story": told,
            "held": held,
            "mended": {"done": mending, "outcome": story.mended()},
            "mended_sync": mended,
            "idle_sync": self._sync("Fourth sync: nothing has changed"),
        }
        self.say("Comparing every linked record, both sides read afresh ...")
        document["agreement"] = agreement_document(None)
        return document

    def _sync(self, title: str) -> dict[str, Any]:
        self.say(f"{title} ...")
        self.clock.advance(60)
        entities = self.config.mapping.enabled()
        with shared_instance(self.settings.home) as instance:
            finished = run_sync(self.config, SyncRequest(entities), instance)
        if not finished.success:
            raise SyncError(f"{title}: {finished.failure}")
        return run_document(finished.run_id, [entity.name for entity in entities])

    def _told(self, scene: Scene, run_id: str) -> dict[str, Any]:
        """A scene with what came of it and why: the reasons in the run's journal, fields with one reason together."""
        fields: dict[str, list[str]] = {}
        for entry in explain_record(scene.entity, scene.key)["journal"]:
            if entry["run_id"] == run_id and entry["rule"] not in NOT_TOLD:
                fields.setdefault(entry["reason"], []).append(entry["field"])
        why = [f"{', '.join(reversed(names))}: {reason}" for reason, names in fields.items()]
        return {"title": scene.title, "done": scene.done, "outcome": scene.outcome(), "why": why}

    def _cast(self) -> Cast:
        """Linked records with names short enough to read well, the same for the same seed."""
        with staging_store(self.settings) as store:
            pairs = {
                entity: self._linked(entity, set(store.links(entity, Side.SALESFORCE, self._ids(entity))))
                for entity in ("accounts", "contacts", "products")
            }
        short = [p for p in pairs["accounts"] if len(str(self._name(p))) <= LONGEST_NAME]
        return Cast(short, pairs["contacts"], pairs["products"])

    def _ids(self, entity: str) -> list[str]:
        return [pair.salesforce_id for pair in self.sandbox.truth if pair.entity == entity]

    def _linked(self, entity: str, linked: Iterable[str]) -> list[Pair]:
        known = set(linked)
        return [
            Pair(p.intacct_id, p.salesforce_id)
            for p in self.sandbox.truth
            if p.entity == entity and p.salesforce_id in known
        ]

    def _name(self, pair: Pair) -> object:
        row = self.sandbox.org.row("Account", pair.salesforce_id)
        return row["Name"] if row else ""
