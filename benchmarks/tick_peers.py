"""The peers on 100 changes: each edited anew, run once to have its state, then measured."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from benchmarks import world
from benchmarks.figures import Figure, spread
from benchmarks.options import Options
from benchmarks.peers import drt_project
from benchmarks.peers.doors import extractors
from benchmarks.processes import ProgramError, Ran, run
from benchmarks.services import API, Services

Runner = Callable[[int], tuple[Ran, str]]


def peers(options: Options, services: Services, folder: Path, size: world.Size) -> list[Figure]:
    """One line for each, at this size."""
    figures = []
    ids = [world.account_id(n) for n in range(min(100, size.accounts))]
    with extractors(services, options.peers, folder) as found:
        runners: dict[str, Runner] = {
            "simple-salesforce + pandas merge": lambda _: _pandas(options, services),
            "dlt into SQLite (reads, lands)": lambda _: _dlt(options, services, folder),
            **{f"{title} (reads)": _reader(one.read) for title, one in found.items()},
            "drt `salesforce_bulk` (writes)": lambda turn: _drt(options, services, folder, turn, len(ids)),
        }
        for title, runner in runners.items():
            options.tell(f"100 changes at {size.records:,}: {title}")
            figures.append(_measured(f"{size.records:,}: {title}", options, services, ids, runner))
    return figures


def _measured(subject: str, options: Options, services: Services, ids: list[str], runner: Runner) -> Figure:
    """Run once unmeasured (its first read, its state), then as often as asked, each after 100 edits."""
    try:
        runner(0)
        ran, notes, calls = [], "", 0
        for turn in range(1, options.repeats + 1):
            services.edit_accounts(ids, f"{7000 + turn}")
            before = _used(services)
            one, notes = runner(turn)
            calls = _used(services) - before
            ran.append(one)
    except ProgramError as error:
        return Figure(subject, note=f"could not be run: {str(error)[-200:]}".replace("\n", " ").replace("|", "/"))
    taken = spread([one.seconds for one in ran])
    cpu = spread([one.cpu_seconds for one in ran]).middle
    note = f"{cpu:.2f} s of processor; {notes}"
    return Figure(subject, taken.middle, "s", None, max(one.peak_mb for one in ran), calls, note, taken.ends)


def _pandas(options: Options, services: Services) -> tuple[Ran, str]:
    ran = run([options.peers.program("python"), "benchmarks/peers/pandas_merge.py"], given=services.ready)
    found = ran.document()
    return ran, f"read {found['read']:,}, written {found['written']}"


def _dlt(options: Options, services: Services, folder: Path) -> tuple[Ran, str]:
    own = folder / "dlt"
    own.mkdir(exist_ok=True)
    ran = run([options.peers.program("python"), "benchmarks/peers/dlt_accounts.py", own], given=services.ready)
    return ran, f"read {ran.document()['read']:,}"


def _reader(read: Callable[[], tuple[Ran, int]]) -> Runner:
    def runner(_turn: int) -> tuple[Ran, str]:
        ran, records = read()
        return ran, f"read {records:,}"

    return runner


def _drt(options: Options, services: Services, folder: Path, turn: int, rows: int) -> tuple[Ran, str]:
    own = folder / "drt"
    drt_project.prepare(own, [(f"C{n:07d}", f"(480) 556-{n:04d} x{turn}") for n in range(rows)])
    command: list[str | Path] = [options.peers.program("drt"), "run"]
    ran = run(command, env=drt_project.environment(services.ready, own), cwd=own)
    return ran, f"written {rows}"


def _used(services: Services) -> int:
    """Calls the org has counted so far; asking is one itself, and is taken off."""
    session = services.salesforce()
    values = []
    for _ in range(2):
        limits = session.get(f"{services.salesforce_url}{API}/limits", timeout=60).json()["DailyApiRequests"]
        values.append(int(limits["Max"]) - int(limits["Remaining"]))
    return values[1] - 2 * (values[1] - values[0])
