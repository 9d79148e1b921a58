"""`landerctl config show`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
import typer

from daemon.config import load_config
from daemon.config.judging.explain import suggestion
from daemon.config.layering.settings import Setting, settings_of
from daemon.config.sections import FROZEN
from landerctl.cli.arguments.checkpoints import run_config
from landerctl.cli.arguments.runs import RunId, find_run_folder
from landerctl.cli.shared.columns import aligned
from landerctl.cli.shared.session import ConfigFile, Home, Json, examples, open_session
from landerctl.exitcodes import Exit
from landerctl.failure import Failure

EXAMPLES = examples(
    "landerctl config show",
    "landerctl config show ppo",
    "landerctl config show ppo.desired_kl --json",
    "landerctl config show --changed --origin",
    "landerctl config show --changed --run current",
)


class ShownSetting(msgspec.Struct, frozen=True, omit_defaults=True):
    """One element of the JSON."""

    name: str
    value: Any
    origin: str | None = None  # with --origin


def show(
    context: typer.Context,
    setting: Annotated[
        str | None,
        typer.Argument(
            metavar="SECTION|SETTING",
            help="As ppo or ppo.gamma (default: all).",
            show_default=False,
        ),
    ] = None,
    *,
    origin: Annotated[
        bool, typer.Option("--origin", help="Say where each value comes from.")
    ] = False,
    changed: Annotated[
        bool, typer.Option("--changed", help="Only settings that differ from the defaults.")
    ] = False,
    run_id: RunId = None,
    as_json: Json = False,
    home: Home = None,
    config: ConfigFile = None,
) -> int:
    """Print the settings of the daemon, or those of a run.

    Without --run those that the daemon uses or last used.
    """
    session = open_session(context, home, config)
    if run_id is None:
        loaded = session.loaded_config()
        found = list(settings_of(loaded.written))
        origins = {one.name: str(loaded.layered.origin(one.path)) for one in found}
    else:
        run = find_run_folder(session, run_id, "to show")
        found = list(settings_of(run_config(run), FROZEN))
        origins = {one.name: f"run {run.id}" for one in found}
    if setting is not None:
        found = _below(found, setting)
    if changed:
        default = {one.name: one.value for one in settings_of(load_config(None).written)}
        found = [one for one in found if one.name not in default or default[one.name] != one.value]
    if as_json:
        shown = [
            ShownSetting(one.name, one.shown, origins[one.name] if origin else None)
            for one in found
        ]
        print(msgspec.json.encode(shown).decode())
    elif origin:
        rows = [(f"{one.name} = {one.text}", origins[one.name]) for one in found]
        print("".join(f"{line}\n" for line in aligned(rows)), end="")
    else:
        print("".join(f"{one.name} = {one.text}\n" for one in found), end="")
    return Exit.OK


def _below(every: Sequence[Setting], wanted: str) -> list[Setting]:
    found = [one for one in every if f"{one.name}.".startswith(f"{wanted}.")]
    if not found:
        known = {one.name for one in every} | {one.name.partition(".")[0] for one in every}
        raise Failure(f"{wanted}: no such setting{suggestion(wanted, known)}", Exit.NOT_FOUND)
    return found
