"""`python -m daemon.supervisor.sidecars.tensorboard_server`: TensorBoard that ends with its parent.

TensorBoard's own program and options. When standard input is closed, it kills its process group.
"""

from __future__ import annotations

import os

from daemon.processes.lease import kill_group
from daemon.processes.lifeline import end_with_input


def main() -> None:
    """Serve until ended. Exits as TensorBoard does."""
    end_with_input(_end)
    # Late, for this takes seconds: the parent may end meanwhile.
    from tensorboard.main import run_main  # type: ignore[import-untyped]  # noqa: PLC0415

    run_main()


def _end() -> None:
    kill_group(os.getpid())
    os._exit(1)  # started by hand, it leads no group


if __name__ == "__main__":
    main()
