"""What a flight loads."""

from __future__ import annotations

import subprocess
import sys


def test_a_fleet_loads_no_plotting() -> None:
    """matplotlib.pyplot costs a tenth of a start, and builds a font cache in a new home."""
    code = "import sys, env.fleet; print([name for name in sys.modules if 'matplotlib' in name])"
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120
    )
    assert ended.stdout == "[]\n"
