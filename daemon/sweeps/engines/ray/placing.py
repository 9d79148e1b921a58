"""`python -m daemon.sweeps.engines.ray.placing`: prepares a node for a trial that is placed there.

A process of its own, since a target that hangs must not block the actor. Standard input: a
Placement; standard output: a Placed. Finds the home's folder on the node's own disk, fences off
the trial's earlier placements, and finds the backup that a new home begins with.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from daemon.base.files import make_private_folder
from daemon.base.paths import StatePaths, state_paths
from daemon.base.user import NoFolderError
from daemon.checkpoint.manifest import DamagedCheckpointError
from daemon.config.schema import BackupTarget, Config
from daemon.offsite.fence import put_fence
from daemon.offsite.source import Source
from daemon.offsite.target import OffsiteTargetError, open_target
from daemon.offsite.transfer import list_sizes, opened
from daemon.runs.run_folder import current_run
from daemon.sweeps.engines.engine import TrialOrder, decode_order, encode_order
from daemon.sweeps.engines.ray import local_disk
from daemon.sweeps.engines.ray.lineage import (
    PlacedElsewhereError,
    Plan,
    epochs,
    folder_name,
    holdings,
    plan_placement,
)
from daemon.sweeps.engines.ray.requirements import WITHOUT_BACKUP

if TYPE_CHECKING:
    from obstore.store import ObjectStore

FOLDER_VARIABLE = "LANDERCTL_SWEEP_DIR"
TARGET_NAME = "sweep"


class Placement(Struct, frozen=True, kw_only=True):
    """A trial's leg, and where its homes and backups are; holds no secret."""

    order: str  # its line
    sweep_key: str  # the sweep's name with an id that no other sweep has
    backup: str  # URL of the target, or WITHOUT_BACKUP
    options_file: str
    homes: str
    trial: tuple[str, ...]  # Python's arguments for the process of a trial


class Placed(Struct, frozen=True, kw_only=True):
    """The order as it is to be carried out on this node, or one line on why it cannot be."""

    order: str = ""  # its line
    problem: str = ""


class CannotPlaceError(Exception):
    """The node cannot take the trial. The message is one line for the user."""


def homes_folder(named: str, environ: Mapping[str, str]) -> Path:
    """The folder of homes on this node, resolved. Raises CannotPlaceError."""
    chosen = environ.get(FOLDER_VARIABLE, "") or named
    try:
        folder = Path(chosen) if chosen else state_paths(None, environ).home / "ray"
    except NoFolderError as error:
        raise CannotPlaceError(f"{error}; or set {FOLDER_VARIABLE}") from None
    if not folder.is_absolute():
        raise CannotPlaceError(f"{folder}: a node's folder of homes must be an absolute path")
    return folder.resolve()


def place(placement: Placement, environ: Mapping[str, str], mounts: str) -> TrialOrder:
    """Prepare this node; returns the order as it is to be carried out here.

    `mounts`: the text of /proc/mounts. Raises CannotPlaceError, PlacedElsewhereError,
    OffsiteTargetError, OSError.
    """
    base = homes_folder(placement.homes, environ)
    if problem := local_disk.refusal(_existing(base), mounts):
        raise CannotPlaceError(problem)
    order = decode_order(placement.order.encode())
    trial_name = f"{order.trial:05d}"
    homes = base / placement.sweep_key / trial_name
    make_private_folder(homes, parents=True)
    if placement.backup == WITHOUT_BACKUP:
        home = homes / folder_name(1)
        make_private_folder(home)
        return replace(order, home=home, config=_config(order, None), restore_from=None)
    trial_url = f"{placement.backup.rstrip('/')}/{placement.sweep_key}/{trial_name}"
    options = Path(placement.options_file) if placement.options_file else None
    _make_folder(placement.backup, trial_url)
    plan, sizes = asyncio.run(_fence(trial_url, options, order, homes))
    url = f"{trial_url}/{folder_name(plan.home)}"
    _make_folder(placement.backup, url)
    target = BackupTarget(name=TARGET_NAME, url=url, options_file=placement.options_file)
    home = homes / folder_name(plan.home)
    make_private_folder(home)
    begun = current_run(StatePaths(home)) is not None
    return replace(
        order,
        home=home,
        config=_config(order, target),
        restore_from=None if begun else _source(trial_url, options, plan, sizes),
    )


async def _fence(
    url: str, options: Path | None, order: TrialOrder, homes: Path
) -> tuple[Plan, dict[str, int]]:
    """Fence off what the plan says, and plan again, until nothing is left to be fenced off."""
    store: ObjectStore = await opened(lambda: open_target(url, options))
    while True:
        sizes = await list_sizes(store)
        names = [path.name for path in homes.iterdir()]
        plan = plan_placement(order.epoch, sizes, epochs(names))
        if not plan.fence:
            return plan, sizes
        for epoch in plan.fence:
            await put_fence(store, folder_name(epoch), f"placement {order.epoch}")


def _source(url: str, options: Path | None, plan: Plan, sizes: dict[str, int]) -> str | None:
    """The newest epoch's folder with a whole backup; None if there is none: the trial is new."""
    for epoch in plan.sources:
        source_url = f"{url}/{folder_name(epoch)}"
        source = Source(open_target(source_url, options), holdings(sizes, epoch))
        for run_id in source.holdings.runs():
            for id_ in source.holdings.states(run_id):
                try:
                    source.record(run_id, id_)
                except DamagedCheckpointError:
                    continue
                return source_url
    return None


def _config(order: TrialOrder, target: BackupTarget | None) -> bytes:
    """The trial's configuration with its backups in its home, and its target."""
    config = msgspec.json.decode(order.config, type=Config)
    targets = config.backup.targets + ([target] if target else [])
    backup = replace(config.backup, directory="", targets=targets)
    return msgspec.json.encode(replace(config, backup=backup))


def _make_folder(base: str, url: str) -> None:
    """Create the folder of a file:// URL below a base that exists; other stores need none."""
    parts = urlsplit(url)
    if parts.scheme != "file":
        return
    root = Path(unquote(urlsplit(base).path))
    if not root.is_dir():
        raise OffsiteTargetError(f"{root} is not a folder on this node: is its disk mounted?")
    make_private_folder(Path(unquote(parts.path)), parents=True)


def _existing(folder: Path) -> Path:
    return next(one for one in (folder, *folder.parents) if one.exists())


def main() -> int:
    """Prepare for one placement; returns 0, or 1 if the node cannot take the trial."""
    os.umask(0o077)
    placement = msgspec.json.decode(sys.stdin.buffer.read(), type=Placement)
    try:
        mounts = local_disk.MOUNTS.read_text(encoding="utf-8", errors="surrogateescape")
        placed = Placed(order=encode_order(place(placement, os.environ, mounts)).decode())
    except OffsiteTargetError as error:
        placed = Placed(problem=f"the backup target {placement.backup}: {error}")
    except (CannotPlaceError, PlacedElsewhereError) as error:
        placed = Placed(problem=str(error))
    except OSError as error:
        placed = Placed(problem=f"{error.filename}: {error.strerror}")
    sys.stdout.buffer.write(msgspec.json.encode(placed))
    sys.stdout.buffer.flush()
    # obstore's threads keep running during a normal exit and can abort it.
    os._exit(1 if placed.problem else 0)


if __name__ == "__main__":
    main()
