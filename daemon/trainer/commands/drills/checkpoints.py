"""Whether a checkpoint that does not fit is refused at load, and the next older one used.

Works on the checkpoints of a short training. Faults are put into copies, which are loaded without
comparing their digests, so that loading itself has to notice. A changed byte is noticed by them.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from daemon.base.paths import RunPaths
from daemon.checkpoint.catalog import find_newest, list_checkpoints
from daemon.config import Config
from daemon.protocol.finding import Figures, Finding
from daemon.trainer.algorithms.normalizer import build_normalizer
from daemon.trainer.checkpointing.save_restore import restore_training
from daemon.trainer.commands.drills.work import Work
from daemon.trainer.commands.parts import short_training
from daemon.trainer.curriculum.training_plan import make_training_plan
from daemon.trainer.fleets import build_fleet
from daemon.trainer.health.errors import UnusableCheckpointError
from env.state.archive import open_archive

STATISTICS, STATE = "vecnormalize.npz", "training_state.json"
Fault = Callable[[Path], None]


def refuse_statistics(work: Work, run: RunPaths) -> Finding:
    """VecNormalize's statistics of another size, without sense, not finite, or missing."""
    faults: dict[str, Fault] = {
        "statistics of other observations": _arrays(observation_mean=np.zeros(3)),
        "a negative variance": _arrays(return_var=np.array(-1.0)),
        "a NaN": _arrays(return_mean=np.array(np.nan)),
        "no file": lambda folder: (folder / STATISTICS).unlink(),
    }
    return refuse_faults("normaliser-validated", STATISTICS, faults, work, run)


def refuse_states(work: Work, run: RunPaths) -> Finding:
    """A state of the curriculum that no training can produce."""
    beyond = len(work.config.curriculum.stages) + 1
    faults: dict[str, Fault] = {
        f"stage {beyond}": _state(stage=beyond),
        "step 1,000 of a ramp": _state(ramp_step=1_000),
        "more successes than episodes": _state(episodes=0, successes=[True], rewards=[1.0]),
        "no file": lambda folder: (folder / STATE).unlink(),
    }
    return refuse_faults("curriculum-validated", STATE, faults, work, run)


def refuse_faults(
    key: str, file: str, faults: Mapping[str, Fault], work: Work, run: RunPaths
) -> Finding:
    """Put each fault into a copy of the newest checkpoint of a run; `file` must be found faulty."""
    config, scratch = short_training(work.config), work.folder
    newest = list_checkpoints(run.checkpoints).whole[-1].id
    if fault := _load(config, run.checkpoints / newest):
        return Finding(key, None, f"the training's own checkpoint is refused: {fault}")
    accepted: list[str] = []
    for name, put in faults.items():
        copy = scratch / key / newest
        shutil.copytree(run.checkpoints / newest, copy)
        put(copy)
        if file not in (_load(config, copy) or ""):
            accepted.append(name)
        shutil.rmtree(copy.parent)
    older = _newest_but_damaged(run, file, scratch / key)
    figures: Figures = {
        "faults": len(faults),
        "refused": len(faults) - len(accepted),
        "then": older,
    }
    if accepted:
        return Finding(key, False, f"not refused: {', '.join(accepted)}", figures)
    if not older:
        return Finding(key, False, f"a damaged {file} leaves no older checkpoint to use", figures)
    text = f"refused: {', '.join(faults)}; after a damaged {file} {older} is used"
    return Finding(key, True, text, figures)


def _load(config: Config, folder: Path) -> str | None:
    """Why a training cannot resume from a checkpoint; None if it can."""
    plan = make_training_plan(config)
    fleet = build_fleet(config, plan.stages[plan.first - 1], config.run.n_envs)
    try:
        normalizer = build_normalizer(config, fleet, training=True)
        restore_training(folder, config, fleet=fleet, normalizer=normalizer, stages=plan.stages)
    except UnusableCheckpointError as error:
        return str(error)
    finally:
        fleet.close()
    return None


def _newest_but_damaged(run: RunPaths, file: str, folder: Path) -> str:
    """The checkpoint that a training would take if the newest had one byte changed; "": none."""
    shutil.copytree(run.checkpoints, folder)
    newest = list_checkpoints(folder).whole[-1].id
    path = folder / newest / file
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    found = find_newest(folder).whole
    shutil.rmtree(folder)
    return "" if found is None or found.id == newest else found.id


def _arrays(**changed: Any) -> Fault:
    def put(folder: Path) -> None:
        with open_archive(folder / STATISTICS) as arrays:
            kept: dict[str, Any] = {name: arrays[name] for name in arrays.files}
        np.savez(folder / STATISTICS, **(kept | changed))

    return put


def _state(**changed: Any) -> Fault:
    def put(folder: Path) -> None:
        state = msgspec.json.decode((folder / STATE).read_bytes())
        state["record"] |= changed
        (folder / STATE).write_bytes(msgspec.json.encode(state))

    return put
