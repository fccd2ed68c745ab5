"""Precision, recall and needless questions of the matching, on generated data whose truth is known.

    python benchmarks/matching.py [--accounts 1000] [--overlap 0.6] [--hard 0.5] [--seeds 1 2 3] [--kinds]

One line per seed and entity: automatic links (right, wrong), true pairs left to a person, true pairs lost (a second
record would be created), records held though they have no partner, and the seconds of processor time it took.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).parent.parent))

from intacct_sf_pipeline.sandbox.server import SandboxOptions
from intacct_sf_pipeline_tests.integration.labelled import Measure, first_load

HEAD = f"{'seed':>6} {'entity':<9} {'pairs':>6} {'linked':>7} {'wrong':>6} {'asked':>6} {'lost':>5} {'precision':>9} "
HEAD += f"{'recall':>7} {'alone':>6} {'needless':>8} {'stage s':>8} {'match s':>8}"


def line(seed: int, entity: str, m: Measure) -> str:
    """One entity's figures."""
    return (
        f"{seed:>6} {entity:<9} {m.pairs.total():>6} {m.linked.total():>7} {len(m.wrong):>6} {m.asked.total():>6} "
        f"{m.lost.total():>5} {m.precision:>9.4f} {m.recall:>7.4f} {m.alone.total():>6} {m.needless.total():>8} "
        f"{m.stage_seconds:>8.2f} {m.reconcile_seconds:>8.2f}"
    )


def kinds(m: Measure) -> list[str]:
    """The figures by kind of variation."""
    pairs = [
        f"{'':>18} {kind}: {n} pairs, {m.linked[kind]} linked, {m.asked[kind]} asked, {m.lost[kind]} lost"
        for kind, n in sorted(m.pairs.items())
    ]
    return pairs + [f"{'':>18} {kind}: {n} alone, {m.needless[kind]} held" for kind, n in sorted(m.alone.items())]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accounts", type=int, default=1000)
    parser.add_argument("--overlap", type=float, default=0.6)
    parser.add_argument("--hard", type=float, default=0.0, help="share of records that are hard to match")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--kinds", action="store_true", help="also by kind of variation")
    wanted = parser.parse_args()
    print(HEAD)
    for seed in wanted.seeds:
        options = SandboxOptions(
            accounts=wanted.accounts, contacts=wanted.accounts * 3 // 2, items=wanted.accounts // 2,
            overlap=wanted.overlap, hard=wanted.hard, seed=seed,
        )  # fmt: skip
        with TemporaryDirectory() as folder, first_load(Path(folder), options) as (_, found):
            for entity, measure in found.items():
                print(line(seed, entity, measure), flush=True)
                for text in kinds(measure) if wanted.kinds else ():
                    print(text)


if __name__ == "__main__":
    main()
