"""`python -m benchmarks.results`: train, measure, and write docs/results.md."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from benchmarks.results.page import write_page
from benchmarks.results.record import load_all, save
from benchmarks.results.train import Request, TrainingFailedError, train


def main() -> int:
    """Run the requested trainings one after the other, and write the page."""
    arguments = _parser().parse_args()
    for seed in arguments.seeds or ():
        with tempfile.TemporaryDirectory(prefix="landerctl-results-") as folder:
            name = _name(arguments, seed)
            settings = "" if arguments.config is None else arguments.config.read_text("utf-8")
            request = Request(
                name=name,
                home=(arguments.home or Path(folder)) / name,
                algorithm=arguments.algorithm,
                seed=seed,
                mode=arguments.mode,
                settings=settings,
                until_stage=arguments.until_stage,
                kills=arguments.kills,
                kills_within=arguments.kills_within,
                note=arguments.note,
            )
            try:
                result = train(request)
            except TrainingFailedError as error:
                print(f"benchmarks.results: {error}", file=sys.stderr)
                return 1
            print(save(result))
    print(write_page(load_all()))
    return 0


def names(words: list[str]) -> list[str]:
    """The names of the results that a command line makes."""
    arguments = _parser().parse_args(words)
    return [_name(arguments, seed) for seed in arguments.seeds or ()]


def _name(arguments: argparse.Namespace, seed: int) -> str:
    return f"{arguments.name or arguments.algorithm}-seed{seed}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="benchmarks.results", description=__doc__)
    parser.add_argument(
        "--seeds", type=int, nargs="*", help="one training each; none: only the page"
    )
    parser.add_argument("--algorithm", choices=("ppo", "sac", "td3"), default="ppo")
    parser.add_argument("--mode", choices=("curriculum", "demo"), default="curriculum")
    parser.add_argument("--until-stage", type=int, help="stop when this gate is passed")
    parser.add_argument("--kills", type=int, default=0, help="SIGKILLs at random moments")
    parser.add_argument("--kills-within", type=int, help="... within the first so many steps")
    parser.add_argument("--config", type=Path, help="settings on top of the defaults")
    parser.add_argument("--home", type=Path, help="keep the state folders in this folder")
    parser.add_argument("--name", help="of the results; default: the algorithm")
    parser.add_argument("--note", default="", help="what else the machine is doing")
    return parser


if __name__ == "__main__":
    sys.exit(main())
