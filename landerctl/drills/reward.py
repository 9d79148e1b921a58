"""The drill `reward`: are flown episodes rewarded as the document says?"""

from __future__ import annotations

from collections.abc import Iterator

from daemon.protocol.finding import Finding
from landerctl.drills.keys import drill_keys
from landerctl.drills.model import DrillContext, DrillKind
from landerctl.drills.trainer_findings import drill_command, trainer_findings

NAME = "reward"


def conduct(context: DrillContext) -> Iterator[Finding]:
    """A finding for each rule of the reward."""
    return trainer_findings(context, drill_command(context, NAME))


KIND = DrillKind(
    name=NAME,
    purpose="flies landings and failures in every stage, and judges their rewards",
    keys=drill_keys(NAME),
    expected_s=45.0,
    conduct=conduct,
)
