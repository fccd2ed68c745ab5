"""Time for tests: waiting moves a clock and is remembered, nothing sleeps."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from intacct_sf_pipeline.connectors.timing import Timing


class FakeTime:
    """Monotonic seconds that only move when somebody waits, or when `pass_` is called."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.waits: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.seconds += seconds

    def pass_(self, seconds: float) -> None:
        self.seconds += seconds

    def timing(self, *, spread: float = 0.5) -> Timing:
        """Waits draw the share `spread` of their upper bound."""
        began = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
        return Timing(
            clock=lambda: began + timedelta(seconds=self.seconds),
            monotonic=lambda: self.seconds,
            sleep=self.sleep,
            spread=lambda upper: upper * spread,
        )
