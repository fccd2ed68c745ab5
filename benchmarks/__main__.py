"""Runs the suite and writes `benchmarks/RESULTS.md`.

make bench                              # everything; half an hour to two hours, by machine and --large
make bench BENCH_ARGS="--quick"         # some minutes
make bench BENCH_ARGS="--only throughput compare"
"""

from __future__ import annotations

import argparse
import os
import shlex
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks import compare, extraction, first_load, parallel_writes, report, scale, throughput, ticks
from benchmarks.figures import Table
from benchmarks.options import Options
from benchmarks.peers.install import Peers
from benchmarks.processes import ROOT, ProgramError

MEASURES: dict[str, Callable[[Options], list[Table]]] = {
    "ticks": ticks.measure,
    "extraction": lambda options: [extraction.measure(options)],
    "throughput": lambda options: [throughput.measure(options)],
    "first-load": lambda options: [first_load.measure(options)],
    "writes": lambda options: [parallel_writes.measure(options.folder, options.repeats)],
    "compare": lambda options: [compare.measure(options)],
    "scale": lambda options: [scale.measure(options)],
}
QUICK = {"large": 30_000, "changed": 10_000, "rows": 10_000, "customers": 2_500, "pairs": 30_000, "repeats": 3}
FULL = {"large": 300_000, "changed": 100_000, "rows": 100_000, "customers": 100_000, "pairs": 1_000_000, "repeats": 5}


def main() -> int:
    """Measure what was asked for, and write the report; 1 when a measure could not be taken."""
    wanted = _parse()
    sizes = QUICK if wanted.quick else FULL
    peers = Peers(ROOT / ".bench")
    peers.install()
    load, began = os.getloadavg()[0], time.monotonic()
    tables: list[Table] = []
    failed = False
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        options = Options(
            folder=Path(folder),
            peers=peers,
            repeats=wanted.repeats or sizes["repeats"],
            small=wanted.small,
            large=wanted.large or sizes["large"],
            changed=wanted.changed or sizes["changed"],
            rows=wanted.rows or sizes["rows"],
            customers=wanted.customers or sizes["customers"],
            pairs=wanted.pairs or sizes["pairs"],
            tell=lambda line: print(f"{time.monotonic() - began:6.0f} s  {line}", file=sys.stderr, flush=True),
        )
        for name in wanted.only or MEASURES:
            try:
                tables += MEASURES[name](options)
            except ProgramError as error:
                failed = True
                print(f"{name}: {error}", file=sys.stderr)
                tables.append(Table(f"{name}: could not be measured", "see above", (), (_one_line(error),)))
            report.write(
                wanted.out, tables, command=_command(), minutes=(time.monotonic() - began) / 60,
                repeats=options.repeats, load=load,
            )  # fmt: skip
    print(wanted.out)
    return int(failed)


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help=f"smaller: {QUICK}")
    parser.add_argument("--only", nargs="+", choices=sorted(MEASURES), help="these measures alone")
    parser.add_argument("--small", type=int, default=10_000, help="linked records of the small base of the ticks")
    parser.add_argument("--large", type=int, help=f"linked records of the large base ({FULL['large']:,})")
    parser.add_argument("--changed", type=int, help=f"changed records of the reconciliation ({FULL['changed']:,})")
    parser.add_argument("--rows", type=int, help=f"accounts extracted and compared ({FULL['rows']:,})")
    parser.add_argument("--customers", type=int, help=f"customers of the first load ({FULL['customers']:,})")
    parser.add_argument("--pairs", type=int, help=f"linked accounts of the largest database ({FULL['pairs']:,})")
    parser.add_argument("--repeats", type=int, help=f"runs of each ({FULL['repeats']})")
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "RESULTS.md", help="the report")
    return parser.parse_args()


def _command() -> str:
    arguments = shlex.join(sys.argv[1:])
    return "make bench" + (f' BENCH_ARGS="{arguments}"' if arguments else "")


def _one_line(error: ProgramError) -> str:
    """The message without line breaks, paths of this machine taken out."""
    return " ".join(str(error).replace(str(ROOT), ".").split())[-600:]


if __name__ == "__main__":
    sys.exit(main())
