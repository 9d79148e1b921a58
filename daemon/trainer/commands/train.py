"""`train`: trains a run; every failure is reported as one line for the user."""

from __future__ import annotations

import os
import sys

from daemon.base.exitcodes import TrainerExit
from daemon.base.paths import RunPaths
from daemon.base.secrets.redacted_log import trace_text
from daemon.config import ConfigError
from daemon.protocol.trainer import Failed
from daemon.runs.run_folder import read_run_config
from daemon.trainer.channel import Channel
from daemon.trainer.commands.output import print_lossily
from daemon.trainer.health.errors import DivergedError, SaveError, UnusableError
from daemon.trainer.startup.progress import StartupProgress
from daemon.trainer.startup.steps import training_steps


def train(run: RunPaths, *, fresh: bool, until: int | None = None) -> TrainerExit:
    """Train a run; `fresh` ignores its checkpoints, `until` is the step count to pause at.

    Returns an exit code, never raises.
    """
    print_lossily()
    channel = Channel(os.environ)
    channel.handle_signals()
    startup = StartupProgress("train", training_steps(), channel.send)
    try:
        with startup:
            return _train(run, channel, startup, fresh=fresh, until=until)
    finally:
        channel.finish()


def _train(
    run: RunPaths,
    channel: Channel,
    startup: StartupProgress,
    *,
    fresh: bool,
    until: int | None,
) -> TrainerExit:
    # Imports take seconds; workers compile meanwhile.
    from env.compilation.build import Compilation

    with Compilation() as compilation:
        from daemon.trainer.loop.train_run import train_run

        startup.next()
        compilation.wait(startup.compiled)
    try:
        return train_run(run, read_run_config(run), channel, startup, fresh=fresh, until=until)
    except (ConfigError, UnusableError) as error:
        channel.send(Failed(str(error)))
        return TrainerExit.CONFIG
    except DivergedError as error:
        channel.send(Failed(str(error)))
        return TrainerExit.DIVERGED
    except SaveError as error:
        channel.send(Failed(str(error)))
        return TrainerExit.CANNOT_SAVE
    except (ArithmeticError, OSError, RuntimeError, ValueError) as error:
        print(trace_text(error), file=sys.stderr)
        channel.send(Failed(f"{type(error).__name__}: {error}; the traceback is in {run.log}"))
        return TrainerExit.SOFTWARE
