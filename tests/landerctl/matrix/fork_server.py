"""Runs the program many times: a child of a process that has imported it once.

Each line of standard input is a `Case`, each line of standard output its `Result`.
`python -m tests.landerctl.matrix.fork_server INTERPRETER`: what the program starts instead of
Python.
"""

from __future__ import annotations

import importlib
import io
import os
import select
import signal
import sys
import tempfile
from pathlib import Path
from typing import NoReturn

import msgspec

LIMIT_S = 30.0
# What verbs import, apart from what starts threads. Those of the interpreter: a user without a name
# may not be allowed to read its folder.
MODULES = (
    *("email.parser", "encodings.ascii", "encodings.idna", "importlib.metadata", "tomllib"),
    *("prometheus_client", "pydantic", "typer._adapters", "typer._coercion", "typer.rich_utils"),
    *("landerctl.__main__", "landerctl.fast_path.check", "landerctl.fast_path.status"),
    *("landerctl.operations.rollback_check", "landerctl.operations.without_daemon"),
    *("landerctl.plots.report", "landerctl.web.run"),
)


class Case(msgspec.Struct, frozen=True):
    """One run of the program."""

    arguments: list[str]
    environment: dict[str, str]
    closed: int | None = None  # a descriptor
    encoding: str = "utf-8"
    user: int | None = None  # a user id, for which root is needed
    interrupt: bool = False  # Ctrl-C once it has printed something, as it would never end


class Result(msgspec.Struct, frozen=True):
    """How it ended. `code` is negative if a signal killed it, as after LIMIT_S."""

    code: int
    output: str
    errors: str


def run(case: Case) -> Result:
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        pid = os.fork()
        if pid == 0:
            become(case, output.fileno(), errors.fileno())
        status = wait(pid, output.fileno() if case.interrupt else None)
        texts = []
        for file in (output, errors):
            file.seek(0)
            texts.append(file.read().decode("utf-8", "backslashreplace"))
    return Result(os.waitstatus_to_exitcode(status), *texts)


def wait(pid: int, output: int | None) -> int:
    """The child's status. `output`: interrupt it when it has written there."""
    ended = os.pidfd_open(pid)
    try:
        for _ in range(int(LIMIT_S / 0.1)):
            if select.select([ended], [], [], 0.1)[0]:
                break
            if output is not None and os.fstat(output).st_size:
                os.kill(pid, signal.SIGINT)
        else:
            os.kill(pid, signal.SIGKILL)
        return os.waitpid(pid, 0)[1]
    finally:
        os.close(ended)


def become(case: Case, output: int, errors: int) -> NoReturn:
    """Be a new process of the program, as the interpreter would have set it up."""
    os.setsid()
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor, file in enumerate((null, output, errors)):
        if descriptor == case.closed:
            os.close(descriptor)
        else:
            os.dup2(file, descriptor)
    os.closerange(3, 64)
    os.chdir("/")
    os.environ.clear()
    os.environ.update(case.environment)
    if case.user is not None:
        os.setgroups([])
        os.setgid(case.user)
        os.setuid(case.user)
    sys.argv = ["landerctl", *case.arguments]
    reader = None if case.closed == 0 else io.BufferedReader(io.FileIO(0, closefd=False))
    sys.stdin = reader and io.TextIOWrapper(reader, case.encoding)
    sys.stdout = None if case.closed == 1 else text(1, case.encoding, "strict")
    sys.stderr = None if case.closed == 2 else text(2, case.encoding, "backslashreplace")
    os._exit(call())


def text(descriptor: int, encoding: str, errors: str) -> io.TextIOWrapper:
    raw = io.FileIO(descriptor, "w", closefd=False)
    return io.TextIOWrapper(io.BufferedWriter(raw), encoding, errors, line_buffering=descriptor > 1)


def call() -> int:
    from landerctl.__main__ import main

    code: object
    try:
        try:
            code = main()
        except Exception:  # noqa: BLE001 - as the interpreter does
            sys.excepthook(*sys.exc_info())
            code = 1
    except SystemExit as end:
        code = end.code
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:
        return 120
    return code if isinstance(code, int) else 0


def serve() -> None:
    for line in sys.stdin.buffer:
        result = run(msgspec.json.decode(line, type=Case))
        sys.stdout.buffer.write(msgspec.json.encode(result) + b"\n")
        sys.stdout.buffer.flush()


def import_program() -> None:
    for name in MODULES:
        importlib.import_module(name)
    importlib.import_module("landerctl.cli.app").root_command()


if __name__ == "__main__":
    sys.executable = str(Path(sys.argv[1]).absolute())
    import_program()
    serve()
