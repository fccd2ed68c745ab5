"""What a command says: one JSON document or rich text on stdout; progress, notes and errors on stderr."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import TextIO

from rich.console import Console, RenderableType
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.text import Text

WIDTH_WITHOUT_TERMINAL = 140


class Output:
    """Where a command's words go.

    Args:
        json_mode: print one JSON document on stdout and nothing else there.
        stdout: where the document or the tables go; the process's own by default.
        stderr: where progress and notes go.
    """

    def __init__(self, *, json_mode: bool, stdout: TextIO | None = None, stderr: TextIO | None = None) -> None:
        self.json_mode = json_mode
        self._stdout = stdout or sys.stdout
        self._stderr = stderr or sys.stderr
        self.text = _console(self._stdout)
        self.notes = _console(self._stderr)

    def document(self, document: object) -> None:
        """Print `document` as JSON, if this is JSON mode."""
        if self.json_mode:
            self._stdout.write(json.dumps(document, default=plain, ensure_ascii=False, indent=2) + "\n")
            self._stdout.flush()

    def show(self, *parts: RenderableType) -> None:
        """Print tables and text for people, unless this is JSON mode."""
        if not self.json_mode:
            for part in parts:
                self.text.print(part)

    def say(self, text: str) -> None:
        """Print one line for people at once, unless this is JSON mode."""
        self.show(Text(text))

    def error(self, text: str) -> None:
        """Say on stderr what went wrong."""
        self.notes.print(Text.assemble(("Error: ", "bold red"), text), soft_wrap=True)

    def note(self, text: str) -> None:
        """Say something on stderr that is not the result."""
        self.notes.print(text, soft_wrap=True)

    @contextmanager
    def working(self, what: str, *, quiet: bool = False) -> Iterator[None]:
        """A spinner on stderr while `what` is at work; none where stderr is no terminal."""
        if quiet or not self.notes.is_terminal:
            yield
            return
        with self.notes.status(what):
            yield

    @contextmanager
    def bars(self, what: str, *, quiet: bool = False) -> Iterator[Bars]:
        """A line for `what` and a bar for each of its steps on stderr, while it is at work; they vanish at its end.

        None appear where stderr is no terminal.
        """
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TextColumn("{task.fields[count]}", markup=False),
            TimeElapsedColumn(),
        )
        silent = quiet or not self.notes.is_terminal
        with Progress(*columns, console=self.notes, transient=True, disable=silent) as progress:
            progress.add_task(what, total=None, count="")
            yield Bars(progress)


class Bars:
    """One bar per step; satisfies the engine's `Progress` interface."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._tasks: dict[str, TaskID] = {}

    def __call__(self, step: str, done: int, total: int | None) -> None:
        """Move the bar of `step`, opening it when it is new."""
        if step not in self._tasks:
            self._tasks[step] = self._progress.add_task(step, total=total, count="")
        count = f"{done:,}" + (f" of {total:,}" if total else "")
        self._progress.update(self._tasks[step], completed=done, total=total, count=count)


def _console(stream: TextIO) -> Console:
    """Markup and emoji codes are off: what is printed holds names and texts that other people typed."""
    if stream.isatty():
        return Console(file=stream, markup=False, emoji=False, highlight=False)
    return Console(
        file=stream, width=WIDTH_WITHOUT_TERMINAL, force_terminal=False, markup=False, emoji=False, highlight=False
    )


def plain(value: object) -> object:
    """A JSON form of the values our reports hold: decimals and times as text, enums by value, data classes as objects.

    Raises:
        TypeError: the value is of no known kind.
    """
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Path):
        return str(value)
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, set | frozenset):
        return sorted(value)
    if isinstance(value, tuple | list):
        return list(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")
