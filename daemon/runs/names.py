"""Readable names of runs: what a name may be, and made-up ones such as ``quiet-crater``."""

from __future__ import annotations

import re
import zlib
from collections.abc import Collection

# Begins with a letter, so that it is never a run's id or a checkpoint's.
PATTERN = re.compile(r"[A-Za-z][A-Za-z0-9._-]{0,39}")
# Words that stand for a run, a checkpoint or a pilot.
RESERVED = frozenset({"current", "newest", "best", "reference"})
_ADJECTIVES = (
    "amber", "ancient", "bold", "brave", "bright", "calm", "clear", "cold", "crisp", "distant",
    "early", "eager", "fair", "fine", "first", "frosty", "gentle", "golden", "grey", "high",
    "keen", "late", "light", "lone", "lucid", "mild", "nimble", "noble", "pale", "patient",
    "plain", "proud", "quick", "quiet", "rapid", "rare", "silent", "silver", "slow", "small",
    "smooth", "solid", "steady", "still", "swift", "tall", "vast", "warm", "white", "wide",
)  # fmt: skip
_NOUNS = (
    "albedo", "anchor", "apogee", "arc", "ascent", "basalt", "basin", "beacon", "canyon", "comet",
    "crater", "dawn", "descent", "dome", "dune", "dust", "earthrise", "eclipse", "engine", "falcon",
    "flare", "harbor", "highland", "horizon", "hover", "lander", "ledge", "mare", "mass", "mesa",
    "orbit", "pebble", "perigee", "plain", "plume", "probe", "ray", "regolith", "ridge", "rille",
    "rim", "rover", "scarp", "shadow", "slope", "summit", "terrace", "thruster", "valley", "vector",
)  # fmt: skip


def name_fault(name: str) -> str | None:
    """What is wrong with a name for a run, or None."""
    if not PATTERN.fullmatch(name):
        return "expected a letter, then up to 39 letters, digits, dots, hyphens or underscores"
    return "it has a meaning of its own: choose another" if name in RESERVED else None


def made_up_name(run_id: str, taken: Collection[str] = ()) -> str:
    """A readable name for a run, the same for the same id unless it is taken.

    With 2,500 pairs of words two of 60 runs share one in half of all homes: a taken name gets a
    number.
    """
    number = zlib.crc32(run_id.encode())
    return free_name(f"{_ADJECTIVES[number % 50]}-{_NOUNS[number // 50 % 50]}", taken)


def free_name(name: str, taken: Collection[str]) -> str:
    """The name, with a number behind it if it is taken."""
    free, further = name, 2
    while free in taken:
        free, further = f"{name[:36]}-{further}", further + 1
    return free
