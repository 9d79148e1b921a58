"""`evaluate --disperse`: the same episodes nominal, with each dispersion alone, and with all."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

import msgspec

from daemon.protocol.flight import REFERENCE
from daemon.runs.dispersion.compare import Landing, compare_cases, worst_flights
from daemon.runs.dispersion.draw import cases_of, draw_case
from daemon.runs.dispersion.file import DEFAULT, DispersionError, load_dispersions
from daemon.runs.dispersion.parameters import TOGETHER, Dispersions
from daemon.runs.dispersion.record import DispersedResult, WorstCase, save_dispersed
from daemon.runs.references import SEPARATOR
from daemon.trainer.commands.evaluate import Prepared, Request, prepare, print_flown
from daemon.trainer.commands.fly_shown import fly_shown
from daemon.trainer.evaluation.dispersion.deviations import deviation_of, for_vehicle
from daemon.trainer.evaluation.dispersion.table import table
from daemon.trainer.evaluation.flight import Flight, Flown
from daemon.trainer.evaluation.pilot_source import load_pilot
from daemon.trainer.health.errors import UnusableError
from daemon.trainer.startup.progress import StartupProgress
from env.fleet import Episode


def disperse(
    request: Request,
    startup: StartupProgress,
    *,
    file: Path | None,
    again: Sequence[str],
    as_json: bool,
    output: TextIO,
) -> int:
    """Fly under the dispersions of a file (None: the default set), store and print.

    `again`: the words of the command to which the arguments of one flight are added. Returns as
    `evaluate` does. Ends `startup`.
    """

    def flown() -> str:
        with startup:
            prepared = prepare(request, startup)
            run_id = request.run.id if request.run else None
            result = fly_cases(prepared, file, run_id=run_id, again=again)
        stored = "no: there is no run"
        if request.run is not None:
            stored = str(save_dispersed(request.run.dispersed, result))
        return f"{msgspec.json.encode(result).decode()}\n" if as_json else table(result, stored)

    return print_flown(flown, output, request.checkpoint)


def usable(file: Path | None) -> Dispersions:
    """The dispersions of a file; None: the default set. Raises UnusableError."""
    try:
        return load_dispersions(file)
    except DispersionError as error:
        raise UnusableError(str(error)) from None


def fly_cases(
    prepared: Prepared, file: Path | None, *, run_id: str | None, again: Sequence[str]
) -> DispersedResult:
    """Fly every case on the same seeds, with the policy and with the reference pilot."""
    config, folder = prepared.config, prepared.folder
    stage = config.curriculum.stages[prepared.stage - 1]
    vehicle = prepared.settings.vehicle
    dispersions = for_vehicle(usable(file), vehicle, own_file=file is not None)
    cases = cases_of(dispersions)
    seeds = range(prepared.first_seed, prepared.first_seed + prepared.episodes)
    name = folder.name if folder else REFERENCE
    pilots = {name: load_pilot(folder, config), REFERENCE: load_pilot(None, config)}
    flights = [
        Flight(seed, deviation_of(draw_case(case, seed, dispersions), vehicle))
        for case in cases
        for seed in seeds
    ]
    began_s = time.monotonic()
    flown = {
        who: _by_case(cases, fly_shown(pilot, prepared.settings, flights, name=who))
        for who, pilot in pilots.items()
    }
    return DispersedResult(
        run_id=run_id,
        pilot=name,
        created_s=time.time(),
        flown_s=time.monotonic() - began_s,
        vehicle=vehicle.name,
        stage=prepared.stage,
        stage_name=stage.name,
        episodes=prepared.episodes,
        first_seed=prepared.first_seed,
        file=str(file) if file else None,
        dispersions=dispersions,
        cases=compare_cases(flown, name, REFERENCE),
        worst=[
            WorstCase(
                case=case,
                seed=one.seed,
                outcome=one.outcome,
                reward=one.reward,
                drawn=draw_case(case, one.seed, dispersions),
                again=flight_arguments(
                    again,
                    f"{run_id}{SEPARATOR}{name}" if run_id else name,
                    stage=prepared.stage,
                    seed=one.seed,
                    case=case,
                    file=file,
                ),
            )
            for case, one in worst_flights(flown[name])
        ],
    )


def _by_case(cases: Sequence[str], flown: Sequence[Flown]) -> dict[str, list[Landing]]:
    each = len(flown) // len(cases)
    landings = [_landing(one.episode) for one in flown]
    return {case: landings[each * k : each * (k + 1)] for k, case in enumerate(cases)}


def _landing(episode: Episode) -> Landing:
    return Landing(
        seed=episode.seed,
        outcome=episode.outcome.name.lower(),
        success=episode.success,
        reward=episode.reward,
        touchdown_speed_m_s=episode.touchdown_speed_m_s,
        distance_m=episode.distance_m,
        fuel_left=episode.fuel_fraction,
    )


def flight_arguments(
    again: Sequence[str], pilot: str, *, stage: int, seed: int, case: str, file: Path | None
) -> list[str]:
    """The command line that flies a case of a seed: `again` with a pilot, RUN/STATE, and so on."""
    who = [] if pilot == REFERENCE else ["--pilot", pilot]
    only = [] if case == TOGETHER else ["--only", case]
    where = ["--stage", str(stage), "--seed", str(seed)]
    return [*again, *who, *where, "--disperse", str(file) if file else DEFAULT, *only]
