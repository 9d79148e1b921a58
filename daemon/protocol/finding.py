"""A measured finding about one line of the checklist: what drills report and the ledger keeps."""

from __future__ import annotations

import msgspec

Figure = float | int | str | None
Figures = dict[str, Figure]  # by name with unit


class Finding(msgspec.Struct, frozen=True):
    """`key` names the line within its drill; `holds` None: could not be measured.

    `text`: what was found, one line. `figures`: the measured numbers, by name with unit.
    """

    key: str
    holds: bool | None
    text: str
    figures: Figures = {}
