"""`python -m daemon.supervisor.sidecars.tensorboard_server`: TensorBoard that ends with its parent.

TensorBoard's own options, and before them `--report-fd N`: once it listens, it writes its port
there. When standard input is closed, it kills its process group.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from typing import Any

from daemon.processes.lease import kill_group
from daemon.processes.lifeline import end_with_input


def main(argv: Sequence[str] | None = None) -> None:
    """Serve until ended. Exits as TensorBoard does."""
    end_with_input(_end)
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument("--report-fd", type=int, required=True, help="where to write the port")
    options, theirs = parser.parse_known_args(argv)
    # Late, for this takes seconds: the parent may end meanwhile.
    from tensorboard import default, main_lib, program  # type: ignore[import-untyped]  # noqa: PLC0415

    main_lib.global_init()
    serving = _reporting(program.WerkzeugServer, options.report_fd)
    tensorboard = program.TensorBoard(plugins=default.get_plugins(), server_class=serving)
    tensorboard.configure(["tensorboard", *theirs])
    sys.exit(tensorboard.main())


def _reporting(server_class: Callable[..., Any], report_fd: int) -> Callable[..., Any]:
    """The class, or a function like it, that reports the port of the server that it creates."""

    def create(*arguments: Any) -> Any:
        server = server_class(*arguments)  # it listens
        with os.fdopen(report_fd, "w", encoding="ascii") as report:
            report.write(f"{server.socket.getsockname()[1]}\n")
        return server

    return create


def _end() -> None:
    kill_group(os.getpid())
    os._exit(1)  # started by hand, it leads no group


if __name__ == "__main__":
    main()
