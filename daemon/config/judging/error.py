"""What is wrong with a configuration, and which of its sources is to be corrected."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

from daemon.base.secrets.redaction import redact
from daemon.base.text.counted import counted
from daemon.base.text.one_line import one_line

OriginKind = Literal["default", "file", "plugin", "variable", "option"]
Unknown = Literal["", "rule", "stage"]  # what a setting names that there is not


class Origin(msgspec.Struct, frozen=True):
    """Where a value comes from: a file's line, a plugin, a variable, an option such as --set."""

    kind: OriginKind = "default"
    name: str = "default"  # the file's path, the variable's or the option's name
    line: int | None = None

    def __str__(self) -> str:
        return self.name if self.line is None else f"{self.name}:{self.line}"


class LocatedFault(msgspec.Struct, frozen=True):
    """What is wrong, without a secret, and where."""

    origin: Origin
    text: str
    unknown: Unknown = ""

    @property
    def one_line(self) -> str:
        """``FILE:LINE: text``, which may be printed."""
        return redact(one_line(f"{self.origin}: {self.text}"))


class ConfigError(Exception):
    """A configuration is invalid. The message is one line for the user, without a secret."""

    def __init__(self, text: str, faults: Sequence[LocatedFault] = ()) -> None:
        super().__init__(redact(one_line(text)))
        self.faults = tuple(faults)

    @property
    def names_unknown_rule(self) -> bool:
        """Whether an alert rule is named that there is not: a plugin may add it."""
        return any(fault.unknown == "rule" for fault in self.faults)


def error_of(faults: Sequence[LocatedFault]) -> ConfigError:
    """The error that lists all faults, of which there is at least one."""
    count = f"{counted(len(faults), 'fault')}: " if len(faults) > 1 else ""
    if len({one.origin.name for one in faults}) > 1:
        texts = [f"{one.origin}: {one.text}" for one in faults]
        return ConfigError(f"{count}{'; '.join(texts)}", faults)
    texts = [
        one.text if one.origin.line is None else f"line {one.origin.line}: {one.text}"
        for one in faults
    ]
    return ConfigError(f"{faults[0].origin.name}: {count}{'; '.join(texts)}", faults)
