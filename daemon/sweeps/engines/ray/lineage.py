"""Which home and which backups a placement of a trial continues. Pure: a listing is passed in.

At the target a trial has a folder, in it one for each epoch in which a home of it began::

    <sweep>/<trial>/
        00001/            backups of the home that began in epoch 1, as of any off-site target
            fenced        once a newer placement has taken over
        00004/            of the home that a later placement began, elsewhere

A placement continues the newest home of this node that is not fenced off; it fences off every
other epoch below its own, then begins a home of its own if it has none to continue.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import NamedTuple

from daemon.offsite.fence import FENCE
from daemon.offsite.holdings import Holdings

_EPOCH = re.compile(r"^\d{5,}$")


class PlacedElsewhereError(Exception):
    """A newer placement of the trial exists. The message is one line for the user."""


class Plan(NamedTuple):
    """What a placement has to do."""

    home: int  # the epoch in which its home began, or begins
    fence: tuple[int, ...]  # epochs to fence off first
    sources: tuple[int, ...]  # whose backups a new home begins with: the first that is usable


def folder_name(epoch: int) -> str:
    """The name of an epoch's folder, on a node and at the target."""
    return f"{epoch:05d}"


def epochs(names: Collection[str]) -> set[int]:
    """The epochs among the names of folders."""
    return {int(name) for name in names if _EPOCH.match(name)}


def holdings(sizes: Mapping[str, int], epoch: int) -> Holdings:
    """What the target holds of one epoch's home; `sizes` by paths below the trial's folder."""
    prefix = f"{folder_name(epoch)}/"
    return Holdings({p.removeprefix(prefix): n for p, n in sizes.items() if p.startswith(prefix)})


def plan_placement(epoch: int, sizes: Mapping[str, int], homes: Collection[int]) -> Plan:
    """What the placement of this epoch has to do. Raises PlacedElsewhereError.

    `sizes`: of all objects of the trial, by path below its folder at the target; `homes`: the
    epochs in which the homes on this node began.
    """
    known = epochs({path.partition("/")[0] for path in sizes})
    fenced = {one for one in known if f"{folder_name(one)}/{FENCE}" in sizes}
    newest = max(known | {epoch})
    if newest > epoch or epoch in fenced:
        raise PlacedElsewhereError(
            f"fenced off: placement {max(newest, epoch + 1)} of this trial is newer than {epoch}"
        )
    open_homes = [one for one in homes if one <= epoch and one not in fenced]
    home = max(open_homes, default=epoch)
    if any(one > home for one in known - fenced):
        home = epoch  # another home is newer, and not fenced off yet
    return Plan(
        home=home,
        fence=tuple(one for one in range(1, epoch) if one != home and one not in fenced),
        sources=tuple(one for one in sorted(known, reverse=True) if holdings(sizes, one).runs()),
    )
