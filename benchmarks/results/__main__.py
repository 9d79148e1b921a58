"""`python -m benchmarks.results`: train, record, and write docs/results.md.

It takes days, and may be interrupted: what is recorded is not made again, and a training that was
begun is resumed.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

from benchmarks.figures import write_pages
from benchmarks.results.making.collect import Extent, collect
from benchmarks.results.making.home import UnrecordableError
from benchmarks.results.making.train import TrainingFailedError, train
from benchmarks.results.pages.pictures import save_pictures
from benchmarks.results.plan import PLAN, fault
from daemon.runs.trajectories import TrajectoriesError
from daemon.store.reader import StoreError

_BY_NAME = {planned.name: planned for planned in PLAN}
HOMES = Path(__file__).parents[2] / "build" / "results"


def main() -> int:
    """Do what is asked; returns 0, or 1 after one line on stderr."""
    parser = _parser()
    arguments = parser.parse_args()
    if unknown := set(getattr(arguments, "names", ())) - _BY_NAME.keys():
        parser.error(f"no such training: {', '.join(sorted(unknown))}; {_names()}")
    try:
        if arguments.task == "train":
            _train(arguments)
        elif arguments.task == "collect":
            planned = _BY_NAME[arguments.names[0]]
            collect(arguments.home, planned, _extent(arguments), show=print, note=arguments.note)
    except subprocess.CalledProcessError as error:
        print(f"benchmarks.results: {' '.join(error.cmd)}: failed", file=sys.stderr)
        return 1
    except (UnrecordableError, TrainingFailedError, TrajectoriesError, StoreError) as error:
        print(f"benchmarks.results: {error}", file=sys.stderr)
        return 1
    for path in save_pictures():
        print(path)
    write_pages()
    return 0


def _train(arguments: argparse.Namespace) -> None:
    for planned in PLAN:
        if arguments.names and planned.name not in arguments.names:
            continue
        reason = fault(planned)
        if reason is None:
            continue
        print(f"{planned.name}: {reason}")
        home = arguments.homes / planned.name
        kills = train(planned, home)
        collect(
            home,
            planned,
            _extent(arguments),
            show=print,
            kills=kills,
            note=arguments.note,
        )


def _extent(arguments: argparse.Namespace) -> Extent:
    return Extent(arguments.episodes, arguments.optima, arguments.dispersed)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="benchmarks.results",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    tasks = parser.add_subparsers(dest="task", required=True)
    made = tasks.add_parser("train", help="train and record what is not recorded yet")
    made.add_argument("names", nargs="*", metavar="NAME", help=_names())
    made.add_argument("--homes", type=Path, default=HOMES, help="keep the state folders in here")
    found = tasks.add_parser("collect", help="record a training that a state folder has")
    found.add_argument("home", type=Path, metavar="HOME", help="the state folder")
    found.add_argument("--as", dest="names", nargs=1, required=True, metavar="NAME", help=_names())
    for task in (made, found):
        extent = Extent()
        task.add_argument("--episodes", type=int, default=extent.episodes, help="fresh seeds flown")
        task.add_argument(
            "--optima", type=int, default=extent.optima, help="starts to compute the optimum of"
        )
        task.add_argument(
            "--dispersed", type=int, default=extent.dispersed, help="episodes of each dispersion"
        )
        task.add_argument("--note", default="", help="what else the machine was doing")
    tasks.add_parser("page", help="only the pages and pictures, from the records")
    return parser


def _names() -> str:
    return f"of {', '.join(_BY_NAME)}"


if __name__ == "__main__":
    sys.exit(main())
