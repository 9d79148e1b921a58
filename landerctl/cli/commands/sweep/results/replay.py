"""`landerctl sweep replay`."""

from __future__ import annotations

import msgspec
import typer

from checks.wording import number
from daemon.base.text.counted import counted
from daemon.base.text.one_line import one_line
from daemon.sweeps.scheduling.make import make_scheduler
from daemon.sweeps.scheduling.replay import REPLAYED, Difference, differences
from daemon.sweeps.search.error import SearchError
from landerctl.cli.commands.sweep.arguments import SweepName
from landerctl.cli.shared.session import ConfigFile, Home, Json, examples, open_session
from landerctl.exitcodes import Exit
from landerctl.failure import Failure
from landerctl.operations.sweeps.find import find_sweep, opened
from landerctl.operations.sweeps.read import spec_of

EXAMPLES = examples(
    "landerctl sweep replay",
    "landerctl sweep replay rates --json | jq .differences",
)


class Replayed(msgspec.Struct, frozen=True):
    """The JSON of `landerctl sweep replay --json`."""

    sweep: str
    scheduler: str
    decided: int  # verdicts and proposals that were made again
    differences: list[Difference]


def replay(
    context: typer.Context,
    sweep: SweepName = None,
    as_json: Json = False,
    home: Home = None,
    config: ConfigFile = None,
) -> int:
    """Make each decision of a sweep again, and compare.

    Those of the sampler and of the scheduler, each from the legs that it had seen then.
    """
    found = find_sweep(open_session(context, home, config).paths, sweep)
    spec = spec_of(found)
    with opened(found) as store:
        trials, legs, decisions = store.trials(), store.legs(), store.decisions()
    try:
        wrong = differences(spec, make_scheduler(spec), trials, legs, decisions)
    except SearchError as error:
        raise Failure(str(error)) from None
    decided = sum(one.kind in REPLAYED for one in decisions)
    if as_json:
        replayed = Replayed(found.id, spec.scheduler.name, decided, wrong)
        print(msgspec.json.encode(replayed).decode())
    else:
        for one in wrong:
            print(one_line(_line(one)))
        print(
            f"Sweep {found.id}, scheduler {spec.scheduler.name}: "
            f"{counted(decided, 'decision')} made again, {len(wrong)} not the same"
        )
    return Exit.FAILED if wrong else Exit.OK


def _line(one: Difference) -> str:
    made = one.decision
    again = f"{one.again}: {one.reason}" if one.reason else one.again
    return (
        f"trial {made.trial} at {number(made.steps)} steps: it was {made.kind}: {made.reason}; now "
        f"{again}"
    )
