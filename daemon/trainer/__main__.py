"""`python -m daemon.trainer COMMAND`: heavy work, in a process of its own."""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import shlex
import signal
import sys
from functools import partial
from pathlib import Path
from typing import TextIO

from daemon.base.exitcodes import TrainerExit
from daemon.base.paths import RunPaths
from daemon.base.secrets.redacted_log import redact_tracebacks
from daemon.base.standard_streams import (
    GuardedOutput,
    OutputLostError,
    finish_output,
    hold_standard_streams,
)
from daemon.base.text.spelling import spell_unencodable
from daemon.config import Sources
from daemon.processes.lifeline import end_with_input
from daemon.protocol.flight import REFERENCE, encode_flight_line
from daemon.protocol.policy_formats import FORMATS
from daemon.protocol.trainer import Startup
from daemon.runs.dispersion.file import named_file
from daemon.runs.dispersion.parameters import TOGETHER
from daemon.trainer.startup.progress import StartupProgress
from daemon.trainer.startup.steps import evaluating_steps, flying_steps
from daemon.trainer.startup.terminal import StartupOnTerminal

BASILISK = "bsk"  # the name of the ImportError that says what to install (env.base.basilisk)


def main() -> int:
    """Run one command; the exit code is its `TrainerExit`, 0/1, or the shell's for Ctrl-C."""
    hold_standard_streams()
    spell_unencodable()
    redact_tracebacks()
    try:
        return _run()
    except KeyboardInterrupt:
        print("\nlanderctl: interrupted; nothing was stored", file=sys.stderr)
        return 128 + signal.SIGINT
    except ImportError as error:
        if error.name != BASILISK:
            raise
        print(f"landerctl: {error}", file=sys.stderr)
        return TrainerExit.CONFIG


def _run() -> int:
    arguments = _parser().parse_args()
    output = _claim_stdout()
    if arguments.end_with_input:
        # Nobody waits for the result any more.
        end_with_input(lambda: os._exit(TrainerExit.STOPPED))
    if arguments.command == "train":
        from daemon.trainer.commands.train import train

        return train(
            RunPaths(arguments.run.absolute()), fresh=arguments.fresh, until=arguments.until
        )
    try:
        return _fly(arguments, output)
    except BrokenPipeError:
        return 128 + signal.SIGPIPE
    except OutputLostError as error:
        print(f"landerctl: {error}; the output is incomplete", file=sys.stderr)
        return os.EX_IOERR  # as landerctl ends then
    finally:
        finish_output(output)


def _fly(arguments: argparse.Namespace, output: TextIO) -> int:
    """Run a command that does not train a run."""
    own = {
        "evaluate": _evaluate,
        "evaluate-pair": _evaluate_pair,
        "export": _export,
        "film": _film,
    }
    if arguments.command in own:
        return own[arguments.command](arguments, output)
    if arguments.command == "fly":
        reported = StartupProgress("fly", flying_steps(), partial(_send_startup, output))
        from daemon.trainer.commands.fly import Dispersed, fly_checkpoint, fly_reference

        case = None
        if arguments.disperse is not None:
            case = Dispersed(named_file(arguments.disperse), arguments.only)

        if arguments.checkpoint is None:
            return fly_reference(
                RunPaths(arguments.run.absolute()) if arguments.run else None,
                _sources(arguments),
                reported,
                stage=arguments.stage,
                seed=arguments.seed,
                output=output.buffer,
                difficulty=arguments.difficulty,
                dispersed=case,
            )
        return fly_checkpoint(
            RunPaths(arguments.run.absolute()),
            arguments.checkpoint,
            reported,
            stage=arguments.stage,
            seed=arguments.seed,
            output=output.buffer,
            difficulty=arguments.difficulty,
            dispersed=case,
        )
    if arguments.command == "load-test":
        from daemon.trainer.commands.load_test import load_test

        return load_test(RunPaths(arguments.run.absolute()), arguments.folder, output=output)
    if arguments.command == "drill":
        from daemon.trainer.commands.drills.run import drill

        return drill(arguments.name, arguments.config, arguments.folder, output)
    startup = StartupOnTerminal("selftest", flying_steps())
    from daemon.trainer.commands.selftest import selftest

    return selftest(_sources(arguments), startup, as_json=arguments.json, output=output)


def _film(arguments: argparse.Namespace, output: TextIO) -> int:
    startup = StartupOnTerminal("film", flying_steps())
    from daemon.trainer.commands.film import FilmRequest, film

    request = FilmRequest(
        run=RunPaths(arguments.run.absolute()) if arguments.run else None,
        sources=_sources(arguments),
        checkpoint=arguments.checkpoint,
        stage=arguments.stage,
        seed=arguments.seed,
        speed=arguments.speed,
        width=arguments.width,
        height=arguments.height,
        out=arguments.out,
    )
    return film(request, startup, as_json=arguments.json, output=output)


def _evaluate(arguments: argparse.Namespace, output: TextIO) -> int:
    startup = StartupOnTerminal("evaluate", evaluating_steps())
    from daemon.trainer.commands.evaluate import Request, evaluate

    request = Request(
        run=RunPaths(arguments.run.absolute()) if arguments.run else None,
        sources=_sources(arguments),
        checkpoint=arguments.checkpoint,
        reference=arguments.reference,
        episodes=arguments.episodes,
        first_seed=arguments.first_seed,
        stage=arguments.stage,
        as_saved=arguments.as_saved,
    )
    if arguments.disperse is None:
        return evaluate(request, startup, as_json=arguments.json, output=output)
    from daemon.trainer.commands.disperse import disperse

    file = named_file(arguments.disperse)
    again = shlex.split(arguments.again)
    return disperse(request, startup, file=file, again=again, as_json=arguments.json, output=output)


def _evaluate_pair(arguments: argparse.Namespace, output: TextIO) -> int:
    startup = StartupOnTerminal("evaluate", evaluating_steps())
    from daemon.trainer.commands.evaluate_pair import PairRequest, Side, evaluate_pair

    first, second = (
        Side(name, RunPaths(Path(run).absolute()), None if state == REFERENCE else Path(state))
        for name, run, state in arguments.side
    )
    request = PairRequest(
        environment=RunPaths(arguments.run.absolute()),
        first=first,
        second=second,
        again=arguments.again,
        episodes=arguments.episodes,
        first_seed=arguments.first_seed,
        stage=arguments.stage,
    )
    return evaluate_pair(request, startup, as_json=arguments.json, output=output)


def _export(arguments: argparse.Namespace, output: TextIO) -> int:
    startup = StartupOnTerminal("export", flying_steps())
    from daemon.trainer.commands.export import Request, export

    request = Request(
        run=RunPaths(arguments.run.absolute()),
        checkpoint=arguments.checkpoint,
        kind=arguments.format,
        file=arguments.file,
        judge=arguments.judge,
    )
    return export(request, startup, as_json=arguments.json, output=output)


def _send_startup(output: TextIO, startup: Startup) -> None:
    # The flight itself notices that its reader is gone.
    with contextlib.suppress(BrokenPipeError):
        output.buffer.write(encode_flight_line(startup))
        output.buffer.flush()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="daemon.trainer", description=__doc__)
    parser.add_argument(
        "--end-with-input", action="store_true", help="end when standard input does"
    )
    commands = parser.add_subparsers(dest="command", required=True)
    train = commands.add_parser("train", help="train a run")
    train.add_argument("--run", type=Path, required=True, help="the run's folder")
    train.add_argument("--fresh", action="store_true", help="ignore its checkpoints")
    train.add_argument(
        "--until", type=int, help="steps after which it pauses; default: the run's timesteps"
    )
    evaluate = commands.add_parser("evaluate", help="fly deterministic episodes")
    evaluate.add_argument("--run", type=Path, help="the run's folder; the result is stored there")
    _add_sources(evaluate)
    pilot = evaluate.add_mutually_exclusive_group()
    pilot.add_argument("--checkpoint", type=Path, help="its folder; default: the newest intact one")
    pilot.add_argument("--reference", action="store_true", help="fly the reference pilot")
    evaluate.add_argument("--episodes", type=int, help="default: evaluation.episodes")
    evaluate.add_argument("--stage", type=int, help="counted from 1; default: the checkpoint's")
    evaluate.add_argument(
        "--as-saved",
        action="store_true",
        help="with --checkpoint: at the difficulty it was saved at; the result is not stored",
    )
    evaluate.add_argument("--first-seed", type=int, help="default: evaluation.seed")
    evaluate.add_argument("--disperse", help="'default' or a file of dispersions")
    evaluate.add_argument(
        "--again", default="landerctl fly", help="with --disperse: what flies one episode"
    )
    evaluate.add_argument("--json", action="store_true")
    pair = commands.add_parser("evaluate-pair", help="fly two pilots on the same seeds")
    pair.add_argument("--run", type=Path, required=True, help="whose environment it is")
    pair.add_argument(
        "--side",
        nargs=3,
        action="append",
        required=True,
        metavar=("NAME", "RUN", "CHECKPOINT"),
        help=f"twice: folders of the run and the checkpoint, or {REFERENCE}",
    )
    pair.add_argument("--again", required=True, help="the command that flies one episode")
    pair.add_argument("--episodes", type=int, required=True)
    pair.add_argument("--stage", type=int, help="counted from 1; default: the first checkpoint's")
    pair.add_argument("--first-seed", type=int, help="default: evaluation.seed")
    pair.add_argument("--json", action="store_true")
    fly = commands.add_parser("fly", help="fly one episode and print it as JSON lines")
    _add_sources(fly)
    fly.add_argument("--run", type=Path, help="the folder of the run, whose environment it is")
    fly.add_argument("--checkpoint", type=Path, help="its folder; default: the reference pilot")
    fly.add_argument("--stage", type=int, help="counted from 1; default: the checkpoint's")
    fly.add_argument("--difficulty", type=float, help="on the ramp into the stage")
    fly.add_argument("--seed", type=int, required=True, help="the episode's seed")
    fly.add_argument("--disperse", help="'default' or a file of dispersions")
    fly.add_argument("--only", default=TOGETHER, help="the case; default: all dispersions")
    _add_film(commands.add_parser("film", help="film one episode"))
    loading = commands.add_parser(
        "load-test", help="test whether a training can resume from a state"
    )
    loading.add_argument("--run", type=Path, required=True, help="the run's folder")
    loading.add_argument("--folder", type=Path, required=True, help="where the state is staged")
    drill = commands.add_parser("drill", help="the heavy part of a drill; prints JSON lines")
    drill.add_argument("name", choices=("environment", "reward"), help="which drill")
    drill.add_argument("--config", type=Path, required=True, help="JSON of the configuration")
    drill.add_argument("--folder", type=Path, required=True, help="a scratch folder")
    _add_export(commands.add_parser("export", help="write a policy as a file"))
    selftest = commands.add_parser("selftest", help="environment, API checks, a short training")
    _add_sources(selftest)
    selftest.add_argument("--json", action="store_true")
    return parser


def _add_export(exporting: argparse.ArgumentParser) -> None:
    exporting.add_argument("--run", type=Path, required=True, help="the run's folder")
    exporting.add_argument("--checkpoint", type=Path, required=True, help="its folder")
    exporting.add_argument("--format", choices=FORMATS, required=True)
    exporting.add_argument("--file", type=Path, required=True, help="what to write")
    exporting.add_argument("--judge", action="store_true", help="fly with the file too")
    exporting.add_argument("--json", action="store_true")


def _add_film(film: argparse.ArgumentParser) -> None:
    _add_sources(film)
    film.add_argument("--run", type=Path, help="the folder of the run, whose environment it is")
    film.add_argument("--checkpoint", type=Path, help="its folder; default: the reference pilot")
    film.add_argument("--stage", type=int, help="counted from 1; default: the checkpoint's")
    film.add_argument("--seed", type=int, required=True, help="the episode's seed")
    film.add_argument("--speed", type=float, default=1.0, help="factor of real time")
    film.add_argument("--width", type=int, required=True, help="in pixels, even")
    film.add_argument("--height", type=int, required=True, help="in pixels, even")
    film.add_argument("--out", type=Path, required=True, help="an .mp4 or .gif file")
    film.add_argument("--json", action="store_true")


def _add_sources(command: argparse.ArgumentParser) -> None:
    text = "of the configuration without a run; default: built-in defaults"
    command.add_argument("--config", action="append", default=[], help=f"a file {text}")
    command.add_argument("--set", action="append", default=[], help=f"a setting {text}")


def _sources(arguments: argparse.Namespace) -> Sources:
    from daemon.plugins.data import plugin_data

    return Sources(tuple(arguments.config), {}, tuple(arguments.set), plugin_data())


def _claim_stdout() -> TextIO:
    """Redirect descriptor 1, to which Basilisk's C++ prints, to stderr; return the real stdout."""
    raw = GuardedOutput(os.dup(1), "w")
    os.dup2(2, 1)
    return io.TextIOWrapper(io.BufferedWriter(raw), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
