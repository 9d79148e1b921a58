"""`python -m benchmarks.results.ablations NAME`: record trainings without and with a change.

State folders are named in any order and in several sittings: a training's seed says which pair it
belongs to, and one that is recorded again replaces itself. Those that still train are only read.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path
from typing import get_args

import msgspec

from benchmarks.figures import write_pages
from benchmarks.results.ablations.record import Ablation, Trained, Verdict, load, merged, save
from benchmarks.results.making.collect import LAST_STAGE, Extent
from benchmarks.results.making.fly import fly
from benchmarks.results.making.home import (
    Training,
    UnrecordableError,
    differences,
    read_training,
)
from daemon.runs.trajectories import TrajectoriesError
from daemon.store.reader import StoreError


def main() -> int:
    """Record, and write the page; returns 0, or 1 after one line on stderr."""
    arguments = _parser().parse_args()
    known = load(arguments.name) or Ablation(
        name=arguments.name, title=arguments.name, source="", changes=[], commit=""
    )
    texts = {
        name: value
        for name in ("title", "source", "commit", "verdict", "finding")
        if (value := getattr(arguments, name)) is not None
    }
    try:
        base, tried = (
            [read_training(home) for home in homes] for homes in (arguments.base, arguments.tried)
        )
        recorded = msgspec.structs.replace(
            known,
            **texts,
            changes=_changes(base, tried) or known.changes,
            base=merged(known.base, [_trained(one, arguments.episodes) for one in base]),
            tried=merged(known.tried, [_trained(one, arguments.episodes) for one in tried]),
        )
    except subprocess.CalledProcessError as error:
        print(f"benchmarks.results.ablations: {' '.join(error.cmd)}: failed", file=sys.stderr)
        return 1
    except (UnrecordableError, StoreError, TrajectoriesError) as error:
        print(f"benchmarks.results.ablations: {error}", file=sys.stderr)
        return 1
    print(save(recorded))
    write_pages()
    return 0


def _changes(base: list[Training], tried: list[Training]) -> list[str]:
    return differences(base[-1].config, tried[-1].config) if base and tried else []


def _trained(training: Training, episodes: int) -> Trained:
    flies = training.completed and training.stage == LAST_STAGE and episodes
    last = training.curves.kept().rows[-1]
    return Trained(
        seed=training.config.run.seed,
        timesteps=last.timesteps,
        trained_s=round(last.trained_s, 1),
        complete=training.completed,
        gates=training.gates,
        final=fly(training, training.stage, episodes).result if flies else None,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="benchmarks.results.ablations",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("name", metavar="NAME", help="of the record")
    parser.add_argument("--base", type=Path, nargs="*", default=[], help="homes without the change")
    parser.add_argument("--tried", type=Path, nargs="*", default=[], help="homes with it")
    parser.add_argument("--title", help="what was tried")
    parser.add_argument("--source", help="where it was published")
    parser.add_argument("--commit", help="the commit of what changed in the code")
    parser.add_argument("--verdict", choices=get_args(Verdict), help="whether it was kept")
    parser.add_argument("--finding", help="what it gave, and why it was or was not kept")
    parser.add_argument(
        "--episodes",
        type=int,
        default=Extent().episodes,
        help="fresh seeds that the best model of a complete training flies; 0: none",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
