"""A service to read from, in a few lines: stamps taken before rows become visible, floods, missing stamps, clocks that
jump. Time is whole seconds; the service's clock and ours are offsets from it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from intacct_sf_pipeline.model.clocks import Clocks, Sighting, is_jump
from intacct_sf_pipeline.model.windows import Watermark, Window, advance, window_after, window_after_jump

BASE = datetime(2026, 3, 1, 8, tzinfo=UTC)


@dataclass(frozen=True)
class Version:
    """One state of a row: its stamp, and the true second from which reads show it."""

    number: int
    stamp: datetime | None
    visible: int


@dataclass
class Service:
    """Rows with all their versions. A deletion is a version too, as in a service that tells of deleted rows."""

    now: int = 0
    clock_offset: int = 0
    own_offset: int = 0
    rows: dict[str, list[Version]] = field(default_factory=dict)

    @property
    def clocks(self) -> Clocks:
        return Clocks(self._at(self.clock_offset), self._at(self.own_offset))

    def edit(self, key: str, late: int = 0, *, stamped: bool = True) -> None:
        """Change (or create, or delete) a row now; it is seen `late` seconds from now, never before its last change."""
        versions = self.rows.setdefault(key, [])
        visible = max([self.now + late, *(version.visible for version in versions)])
        versions.append(Version(len(versions), self._at(self.clock_offset) if stamped else None, visible))

    def read(self, window: Window) -> dict[str, Version]:
        """The visible rows in a window."""
        shown = {key: self._shown(versions) for key, versions in self.rows.items()}
        return {key: version for key, version in shown.items() if version and _is_in(window, version.stamp)}

    def unread(self, known: dict[str, int]) -> list[Version]:
        """Last versions that `known` does not hold."""
        return [versions[-1] for key, versions in self.rows.items() if known.get(key) != versions[-1].number]

    def _shown(self, versions: list[Version]) -> Version | None:
        return next((version for version in reversed(versions) if version.visible <= self.now), None)

    def _at(self, offset: int) -> datetime:
        return BASE + timedelta(seconds=self.now + offset)


@dataclass
class Reader:
    """Reads as the extract step does: the window, a wider one after a jump, then the watermark."""

    service: Service
    overlap: timedelta
    watermark: Watermark | None = None
    known: dict[str, int] = field(default_factory=dict)
    sightings: list[Sighting] = field(default_factory=list)
    full_reads: int = 0
    reads: int = 0

    def look(self) -> None:
        """See the service's clock, as any reply to anybody shows it."""
        if is_jump(self.sightings, self.service.clocks):
            self.sightings.append(Sighting(len(self.sightings) + 1, self.service.clocks))

    def window(self) -> Window:
        """What the next tick asks for."""
        return window_after(self.watermark, self.overlap, self.sightings)

    def tick(self) -> None:
        window = self.window()
        self.look()
        rows = self._read(window)
        clocks = self.service.clocks
        wider = window_after_jump(self.watermark, clocks, self.overlap, self.sightings, window)
        if wider is not None:
            window, rows = wider, self._read(wider)
        number, shown = self.sightings[-1].number, window.full and bool(rows)
        self.watermark = advance(self.watermark, "feed", clocks, sighting=number, full=window.full, shown=shown)

    def _read(self, window: Window) -> dict[str, Version]:
        self.reads += 1
        self.full_reads += window.full
        rows = self.service.read(window)
        self.known.update((key, version.number) for key, version in rows.items())
        return rows


def _is_in(window: Window, stamp: datetime | None) -> bool:
    if stamp is None:
        return window.end is None
    return (window.start is None or stamp >= window.start) and (window.end is None or stamp < window.end)
