"""`landerctl config show`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import msgspec
import typer

from daemon.config import Config, load_config
from daemon.config.explain import suggestion
from daemon.config.sections import FROZEN
from daemon.config.settings import Setting, differences, settings_of
from landerctl.cli.arguments.checkpoints import run_config
from landerctl.cli.arguments.runs import RunId, find_run_folder
from landerctl.cli.shared.session import ConfigFile, Home, Json, examples, open_session
from landerctl.exitcodes import Exit
from landerctl.failure import Failure

EXAMPLES = examples(
    "landerctl config show",
    "landerctl config show ppo",
    "landerctl config show ppo.desired_kl --json",
    "landerctl config show --changed --run current",
)


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
    changed: Annotated[
        bool, typer.Option("--changed", help="Only settings that differ from the defaults.")
    ] = False,
    run_id: RunId = None,
    as_json: Json = False,
    home: Home = None,
    config: ConfigFile = None,
) -> int:
    """Print the settings that the daemon uses or last used, or with --run those of a run."""
    session = open_session(context, home, config)
    if run_id is None:
        shown, sections = session.load_config(), Config.__struct_fields__
    else:
        shown, sections = run_config(find_run_folder(session, run_id, "to show")), FROZEN
    found = list(settings_of(shown, sections))
    if setting is not None:
        found = _below(found, setting)
    if changed:
        names = {
            one.name for one in differences(settings_of(load_config(None).config, sections), found)
        }
        found = [one for one in found if one.name in names]
    if as_json:
        print(msgspec.json.encode({one.name: one.shown for one in found}).decode())
    else:
        print("".join(f"{one.name} = {one.text}\n" for one in found), end="")
    return Exit.OK


def _below(every: Sequence[Setting], wanted: str) -> list[Setting]:
    found = [one for one in every if f"{one.name}.".startswith(f"{wanted}.")]
    if not found:
        known = {one.name for one in every} | {one.name.partition(".")[0] for one in every}
        raise Failure(f"{wanted}: no such setting{suggestion(wanted, known)}", Exit.NOT_FOUND)
    return found
