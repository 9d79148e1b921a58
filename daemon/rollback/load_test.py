"""The load test: can training resume from a staged state? Tested in a separate process."""

from __future__ import annotations

import msgspec

from daemon.base.malformed import MALFORMED


class LoadTest(msgspec.Struct, frozen=True):
    """What the process prints, as one line of JSON."""

    ok: bool
    text: str  # the error, or what was loaded; one line


def read_load_test(output: bytes, exit_code: int) -> LoadTest:
    """The process's result; a failure if it exited without one."""
    try:
        return msgspec.json.decode(output, type=LoadTest)
    except MALFORMED:
        return LoadTest(False, f"the load test exited with code {exit_code}; see the run's log")
