"""`python -m env.compilation.worker`: compiles the parts that stdin names, a line each.

Answers each with its line on stdout. Ends at once when its input does: it never outlives its
parent.
"""

from __future__ import annotations

import gc
import os
import sys
from queue import SimpleQueue
from threading import Thread

from env.compilation.parts import PARTS, example_buffers


def main() -> None:
    """Compile until the input ends."""
    lines: SimpleQueue[str] = SimpleQueue()
    Thread(target=_read, args=(lines,), daemon=True).start()
    gc.disable()  # numba makes many objects and few circles: collecting costs a tenth of the time
    buffers = example_buffers()
    while True:
        line = lines.get()
        PARTS[line.strip()](buffers)
        sys.stdout.write(line)
        sys.stdout.flush()


def _read(lines: SimpleQueue[str]) -> None:
    for line in sys.stdin:
        lines.put(line)
    os._exit(0)


if __name__ == "__main__":
    main()
