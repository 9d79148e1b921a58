"""The load test: can a training go on from a staged state? Tried in a process of its own."""

from __future__ import annotations

import msgspec

from daemon.base.malformed import MALFORMED


class LoadTest(msgspec.Struct, frozen=True):
    """What the process prints, as one line of JSON."""

    ok: bool
    text: str  # what is wrong, or what was loaded; one line


def read_load_test(output: bytes, exit_code: int) -> LoadTest:
    """What the process found out, or how it ended without saying."""
    try:
        return msgspec.json.decode(output, type=LoadTest)
    except MALFORMED:
        return LoadTest(False, f"the load test ended with exit code {exit_code}; see the run's log")
