"""Judges a sweep's file, shows its plan, and creates and starts it: for `sweep run` and `seeds`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from checks.wording import duration, number
from daemon.base.text.counted import counted
from daemon.base.text.one_line import one_line
from daemon.config import ConfigError, load_sources
from daemon.config.layering.sources import Sources
from daemon.processes.state_folder import ClaimError, check_home, refuse_foreign
from daemon.sweeps.creation import SweepNameError, check_sweep, create_sweep
from daemon.sweeps.spec.base import base_sources
from daemon.sweeps.spec.load import parse_sweep
from daemon.sweeps.spec.schema import SweepSpec
from daemon.sweeps.store.sweep_store import SweepStoreError
from landerctl.cli.commands.sweep.begin.starting import begin
from landerctl.cli.shared.columns import aligned
from landerctl.cli.shared.session import Session
from landerctl.exitcodes import Exit
from landerctl.failure import Failure
from landerctl.operations.sweeps.find import all_sweeps, free_sweep_name
from landerctl.operations.sweeps.planned import PlannedSweep, plan_sweep
from landerctl.operations.sweeps.running import Placement, require_engine
from landerctl.operations.sweeps.status import short_values

MOST_LISTED = 20
ADAPTIVE = ("tpe", "cma-es")  # samplers that learn from what trials reach


class StartedSweep(msgspec.Struct, frozen=True, kw_only=True):
    """The JSON of `landerctl sweep run --json`."""

    name: str
    folder: str
    trials: int
    pid: int


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What a command line asks for."""

    file: Path  # of the text, or that names it in faults
    text: str  # of a sweep.toml
    name: str | None
    proposed_name: str  # where no name is given
    placement: Placement
    dry_run: bool
    everything: bool  # list every trial
    foreground: bool
    as_json: bool


def carry_out(session: Session, wanted: Wanted) -> int:
    """Judge, then show the plan or create and start the sweep. Raises Failure."""
    paths = session.paths
    name = wanted.name or free_sweep_name(paths, wanted.proposed_name)
    try:
        spec = parse_sweep(wanted.file, wanted.text)
        require_engine(wanted.placement, spec)
        sources = _sources(session, spec, wanted.file)
        base = load_sources(sources).config
        check_sweep(wanted.file, wanted.text, spec, base)
        most = None if wanted.everything else MOST_LISTED
        # Also for a start: a sweep none of whose trials can fly is refused.
        here = wanted.placement.engine == "local"
        planned = plan_sweep(paths, all_sweeps(paths), name, spec, base, most=most, here=here)
        if wanted.dry_run:
            _show(planned, as_json=wanted.as_json)
            return Exit.OK
        refuse_foreign(paths)
        check_home(paths)
        sweep = create_sweep(paths, name, wanted.text, spec, base, sources=sources)
    except ConfigError as error:
        raise Failure(str(error), Exit.CONFIG) from None
    except SweepNameError as error:
        raise Failure(str(error), Exit.USAGE) from None
    except (ClaimError, SweepStoreError) as error:
        raise Failure(str(error), Exit.CANNOT_WRITE) from None
    except OSError as error:
        raise Failure(
            f"{error.filename or paths.home}: {error.strerror}; free space or name another --home",
            Exit.CANNOT_WRITE,
        ) from None
    pid = begin(sweep, wanted.placement, foreground=wanted.foreground, quiet=wanted.as_json)
    if wanted.as_json:
        started = StartedSweep(
            name=sweep.id, folder=str(sweep.folder), trials=planned.total, pid=pid
        )
        print(msgspec.json.encode(started).decode())
    return Exit.OK


def _sources(session: Session, spec: SweepSpec, file: Path) -> Sources:
    """Of the base configuration: the sweep's files, else the state folder's. Raises ConfigError."""
    if spec.base:
        return base_sources(spec, file, session.paths.home, os.environ)
    return session.find_sources()


def _show(planned: PlannedSweep, *, as_json: bool) -> None:
    if as_json:
        print(msgspec.json.encode(planned).decode())
    else:
        print("\n".join(map(one_line, _lines(planned))))


def _lines(planned: PlannedSweep) -> Iterator[str]:
    yield (
        f"Sweep {planned.name}: {counted(planned.total, 'trial')} of {number(planned.steps)} "
        f"steps, sampler {planned.sampler}, scheduler {planned.scheduler}"
    )
    settings = sorted({setting for one in planned.trials for setting in one.values})
    rows = [("TRIAL", "SEED", "VALUES")]
    rows += [
        (
            str(one.number),
            str(one.seed),
            f"{short_values(one.values, settings)}{f'  REFUSED: {one.fault}' if one.fault else ''}",
        )
        for one in planned.trials
    ]
    yield from aligned(rows)
    if planned.later or planned.sampler in ADAPTIVE:
        yield "What later trials try depends on what earlier ones reach"
    if planned.hidden:
        yield f"and {counted(planned.hidden, 'more trial')}: --all"
    estimate = planned.estimate
    at_most = "at most" if planned.scheduler != "none" else "about"
    yield (
        f"Training takes {at_most} {duration(estimate.training_s)}: {estimate.at_once} at once, "
        f"{number(estimate.steps_per_s)} steps/s each,"
    )
    yield f"by {estimate.basis}"
    yield "Starts and evaluations come on top. Nothing was created: omit --dry-run to begin."
