"""What a heavy part of a drill prints: JSON lines, each a finding or how far it is."""

from __future__ import annotations

import msgspec

from daemon.protocol.finding import Finding


class DrillProgress(msgspec.Struct, frozen=True, tag="progress"):
    """`text`: what it does now; `share`: how much of its work is done, 0 to 1."""

    text: str
    share: float


class DrillFinding(msgspec.Struct, frozen=True, tag="finding"):
    """A finding, as soon as it is made."""

    finding: Finding


class DrillRefused(msgspec.Struct, frozen=True, tag="refused"):
    """Why it cannot go on, one line: what it has not measured yet stays open."""

    text: str


DrillLine = DrillProgress | DrillFinding | DrillRefused

drill_decoder: msgspec.json.Decoder[DrillLine] = msgspec.json.Decoder(DrillLine)


def encode_drill_line(line: DrillLine) -> bytes:
    """One line of JSON, with its line break."""
    return msgspec.json.encode(line) + b"\n"
