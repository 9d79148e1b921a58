"""`train`: prove life, then train a run; every failure becomes one line for the user."""

from __future__ import annotations

import os

import msgspec

from daemon.config.schema import Config
from daemon.exitcodes import TrainerExit
from daemon.paths import RunPaths
from daemon.protocol.trainer import Failed, Phase
from daemon.trainer.channel import Channel
from daemon.trainer.errors import UnusableError


def train(run: RunPaths, *, fresh: bool) -> TrainerExit:
    """Train a run; `fresh` ignores its checkpoints. A failure is reported, then raised."""
    channel = Channel(os.environ)
    channel.obey_signals()
    channel.send(Phase("importing", "torch, stable-baselines3, Basilisk"))
    # Seconds of imports: the supervisor has already seen that this process lives.
    from daemon.trainer.session import train_run

    try:
        config = msgspec.json.decode(run.config.read_bytes(), type=Config)
        return train_run(run, config, channel, fresh=fresh)
    except UnusableError as error:
        channel.send(Failed(str(error)))
        return TrainerExit.CONFIG
    except msgspec.DecodeError as error:
        channel.send(Failed(f"{run.config}: {error}; begin a new run with start --fresh"))
        return TrainerExit.CONFIG
    except OSError as error:
        channel.send(Failed(f"{error.filename or run.folder}: {error.strerror}"))
        raise
    except (ArithmeticError, RuntimeError, ValueError) as error:
        channel.send(Failed(f"{type(error).__name__}: {error}; the traceback is in {run.log}"))
        raise
