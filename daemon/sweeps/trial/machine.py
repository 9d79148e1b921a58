"""What a trial's results depend on, to the bit: the processor's model and the number of threads."""

from __future__ import annotations

import platform
from pathlib import Path


def machine_of(threads: int, cpuinfo: Path = Path("/proc/cpuinfo")) -> str:
    """``Intel(R) Xeon(R) Processor, 1 thread``."""
    try:
        lines = cpuinfo.read_text(errors="replace").splitlines()
    except OSError:
        lines = []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    model = next(names, platform.machine())
    return f"{model}, {threads} thread{'' if threads == 1 else 's'}"
