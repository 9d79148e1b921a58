"""Reads a Containerfile: its stages, and what the image says of the container's process."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

_CONTINUED = re.compile(r"\\\n")
_VARIABLE = re.compile(r'(\w+)=(?:"([^"]*)"|(\S+))')


@dataclass(frozen=True)
class Instruction:
    """One instruction, such as RUN, and what follows it."""

    name: str
    text: str


@dataclass(frozen=True)
class Stage:
    """From one FROM to the next."""

    base: str
    name: str
    instructions: tuple[Instruction, ...]

    def last(self, name: str) -> str:
        """The text of the last instruction of this name. Raises LookupError."""
        return [one.text for one in self.instructions if one.name == name][-1]

    def words(self, name: str) -> list[str]:
        """The same of one in JSON, as of ENTRYPOINT."""
        found: list[str] = json.loads(self.last(name))
        return found

    def variables(self, name: str) -> dict[str, str]:
        """All that ENV, or ARG, sets."""
        texts = [one.text for one in self.instructions if one.name == name]
        return {key: a or b for text in texts for key, a, b in _VARIABLE.findall(text)}


def read_containerfile(path: Path) -> list[Stage]:
    """Its stages, in their order."""
    lines = [line for line in path.read_text("utf-8").splitlines() if not line.startswith("#")]
    stages: list[Stage] = []
    for line in _CONTINUED.sub(" ", "\n".join(lines)).splitlines():
        name, _, text = line.strip().partition(" ")
        if name == "FROM":
            base, _, alias = text.partition(" AS ")
            stages.append(Stage(base, alias, ()))
        elif name:
            last = stages[-1]
            added = (*last.instructions, Instruction(name, text.strip()))
            stages[-1] = Stage(last.base, last.name, added)
    return stages
