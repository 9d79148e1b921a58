"""`export`: a checkpoint's policy as one file that flies elsewhere, and its model card."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, TextIO

import msgspec

from daemon.backup.restoring.find_state import verify_state
from daemon.base.exitcodes import TrainerExit
from daemon.base.files import replacing
from daemon.base.paths import RunPaths
from daemon.base.text.one_line import one_line
from daemon.checkpoint.manifest import DamagedCheckpointError, Manifest
from daemon.config import Config, ConfigError
from daemon.protocol.policy_formats import FORMATS, FormatName
from daemon.runs.run_folder import read_run_config
from daemon.trainer.algorithms.normalizer import build_normalizer
from daemon.trainer.checkpointing.save_restore import load_model
from daemon.trainer.evaluation.policy_pilot import PolicyPilot
from daemon.trainer.export.card import Card
from daemon.trainer.export.card_page import card_page
from daemon.trainer.export.formats.c99.compiled import CompiledPolicy, CompilerError
from daemon.trainer.export.formats.codecs import CODECS
from daemon.trainer.export.gather import gather_card
from daemon.trainer.export.policy import exported_policy
from daemon.trainer.export.source import Source
from daemon.trainer.export.verify import (
    LIMIT,
    ActionCheck,
    ActorPilot,
    OutcomeCheck,
    check_actions,
    check_outcomes,
    fly_outcomes,
    record_observations,
)
from daemon.trainer.fleets import build_fleet
from daemon.trainer.health.errors import UnusableCheckpointError, UnusableError
from daemon.trainer.startup.progress import StartupProgress
from env.compilation.build import compile_environment
from env.fleet import LanderFleet

OBSERVATIONS = 10_000  # that a file's actions are compared on
RECORDED_FLIGHTS = 16  # at once, in which they are recorded
JUDGED_FLIGHTS = 200


@dataclass(frozen=True)
class Request:
    """What to export."""

    run: RunPaths
    checkpoint: Path  # its folder
    kind: FormatName
    file: Path
    judge: bool  # fly with the file too, and compare the outcomes


class Exported(msgspec.Struct, frozen=True, kw_only=True):
    """What was written, as `landerctl export --json` prints it."""

    file: str
    card_file: str
    format: FormatName
    size_bytes: int
    actions: ActionCheck
    outcomes: OutcomeCheck | None  # None: not flown
    step_us: float | None  # time of one step, microseconds; None: measured for C only
    card: Card


class NotEqualError(Exception):
    """The file does not act as the checkpoint. The message is one line for the user."""


def export(request: Request, startup: StartupProgress, *, as_json: bool, output: TextIO) -> int:
    """Write the file and its card, and print what was written; ends `startup`.

    Returns 0; after one line on stderr TrainerExit.CONFIG, EX_CANTCREAT, or 1. Nothing is written
    then.
    """
    try:
        with startup:
            exported = _export(request, startup)
    except (UnusableCheckpointError, DamagedCheckpointError) as error:
        return _failed(f"{error}; choose another, `landerctl backups` lists them", 1)
    except (NotEqualError, CompilerError) as error:
        return _failed(f"{error}; nothing was exported", 1)
    except (ConfigError, UnusableError) as error:
        return _failed(str(error), TrainerExit.CONFIG)
    except OSError as error:
        where = error.filename or request.file
        return _failed(f"{where}: {error.strerror}; nothing was exported", os.EX_CANTCREAT)
    output.write(f"{msgspec.json.encode(exported).decode()}\n" if as_json else _table(exported))
    output.flush()
    return 0


def _failed(text: str, code: int) -> int:
    print(f"landerctl export: {one_line(text)}", file=sys.stderr)
    return code


def _export(request: Request, startup: StartupProgress) -> Exported:
    config = read_run_config(request.run)
    manifest = verify_state(request.checkpoint).manifest
    startup.next()
    compile_environment(startup.compiled)
    startup.next()
    fleet = _fleet(config, manifest, JUDGED_FLIGHTS // 4 if request.judge else RECORDED_FLIGHTS)
    normalizer = build_normalizer(config, fleet, training=False)
    model = load_model(request.checkpoint, config, normalizer)
    startup.end()
    codec = CODECS[request.kind]
    try:
        policy = exported_policy(model, normalizer)
        card = gather_card(request.run, config, manifest, policy)
        content = codec.encode(Source(policy, card, model, manifest))
    except ValueError as error:
        raise UnusableError(f"{manifest.id}: {error}") from None
    checked = _check(request, content, PolicyPilot(model, normalizer), fleet)
    card_file = request.file.with_name(f"{request.file.name}.md")
    page = card_page(card, request.kind, request.file.name, _verified(checked))
    write_both(request.file, content, card_file, page.encode())
    return Exported(
        file=str(request.file),
        card_file=str(card_file),
        format=request.kind,
        size_bytes=len(content),
        **checked._asdict(),
        card=card,
    )


def write_both(file: Path, content: bytes, card_file: Path, page: bytes) -> None:
    """Replace a file and its card; where there is no room for one, both are as before.

    Raises OSError.
    """
    # The card's rename is first: what the file is must never be unknown.
    with replacing(file) as stream, replacing(card_file) as beside:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
        beside.write(page)


class _Checked(NamedTuple):
    """The same-named fields of Exported."""

    actions: ActionCheck
    outcomes: OutcomeCheck | None
    step_us: float | None


def _fleet(config: Config, manifest: Manifest, landers: int) -> LanderFleet:
    number = config.run.stage if config.run.mode == "standard" else manifest.stage
    return build_fleet(config, config.curriculum.stages[number - 1], landers)


def _check(request: Request, content: bytes, pilot: PolicyPilot, fleet: LanderFleet) -> _Checked:
    """Compare the file's content with the checkpoint's policy. Raises NotEqualError."""
    actor = CODECS[request.kind].load(content)
    observations = record_observations(pilot, fleet, OBSERVATIONS, RECORDED_FLIGHTS)
    actions = check_actions(pilot.act(observations), actor, observations)
    if not actions.passed:
        raise NotEqualError(
            f"the file's actions differ from the checkpoint's by {actions.largest_difference:.2g}, "
            f"more than {LIMIT:g}; choose another format"
        )
    outcomes = None
    if request.judge:
        original = fly_outcomes(pilot, fleet, JUDGED_FLIGHTS)
        exported = fly_outcomes(ActorPilot(actor), fleet, JUDGED_FLIGHTS)
        outcomes = check_outcomes(original, exported)
        if not outcomes.passed:
            raise NotEqualError(
                f"{len(outcomes.differing)} of {outcomes.flights} flights end otherwise than with "
                "the checkpoint; choose another format"
            )
    step_us = actor.step_us(observations) if isinstance(actor, CompiledPolicy) else None
    return _Checked(actions, outcomes, step_us)


def _verified(checked: _Checked) -> str:
    """How a file was compared with its checkpoint, as sentences of the card."""
    text = (
        f"On {checked.actions.observations:,} observations of whole flights its actions differ "
        f"from stable-baselines3's by {checked.actions.largest_difference:.1e} at most."
    )
    if checked.step_us is not None:
        text += f" A step took {checked.step_us:.1f} microseconds on the machine that wrote it."
    if checked.outcomes is not None:
        text += f" {_equal(checked.outcomes)}."
    return text


def _equal(outcomes: OutcomeCheck) -> str:
    equal = outcomes.flights - len(outcomes.differing)
    return f"{equal} of {outcomes.flights} flights ended as with the checkpoint"


def _table(exported: Exported) -> str:
    actions, outcomes = exported.actions, exported.outcomes
    rows = [
        ("file", f"{exported.file}, {exported.size_bytes:,} bytes"),
        ("format", f"{exported.format}: {FORMATS[exported.format].meaning}"),
        ("card", exported.card_file),
        ("checkpoint", exported.card.training.checkpoint),
        (
            "largest difference",
            f"{actions.largest_difference:.1e} of an action, on {actions.observations:,} "
            f"observations (allowed {LIMIT:g})",
        ),
    ]
    if outcomes is not None:
        rows.append(("outcomes", _equal(outcomes)))
        rows += [
            (f"  seed {one.seed}", f"{one.exported}, with the checkpoint {one.original}")
            for one in outcomes.differing
        ]
    if exported.step_us is not None:
        rows.append(("time of a step", f"{exported.step_us:.1f} us"))
    if exported.card.evaluation is None:
        rows.append(("not evaluated", f"`{exported.card.evaluate}`, then export again"))
    return "".join(f"{name:<22} {text}\n" for name, text in rows)
