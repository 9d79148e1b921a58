"""The console script: the fast path for a few verbs, Typer for everything else.

Modules are imported where they are used, so that `status` starts fast.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType

from landerctl.own_packages import CHECK_UNKNOWN, require_own_packages

require_own_packages()  # before the imports that would load others'

from daemon.base.paths import is_utf8, state_paths
from daemon.base.secrets.redaction import redact
from daemon.base.standard_streams import (
    OutputLostError,
    finish_output,
    guard_output,
    hold_standard_streams,
)
from daemon.base.text.spelling import spell_unencodable
from daemon.base.user import NoFolderError
from landerctl.exitcodes import Exit
from landerctl.failure import Failure, report_unexpected

COMPLETION_VARIABLE = "_LANDERCTL_COMPLETE"


def main() -> int:
    """The console script: as `execute`, but may end the process itself."""
    code = execute()
    # Exit without the interpreter's shutdown. On the fast path it would take a sixth of the time;
    # obstore's threads still run in it, and one that then acquires the GIL aborts the process.
    if "typer" not in sys.modules or "obstore" in sys.modules:
        finish_output(sys.stdout)
        sys.stderr.flush()
        os._exit(code)
    return code


def execute() -> int:
    """Run the command line; return its exit code."""
    hold_standard_streams()
    guard_output()
    arguments = sys.argv[1:]
    spell_unencodable(as_json="--json" in arguments)
    # Typer exits with 2 for a usage error and 1 for an abort, which a monitoring system reads as
    # CRITICAL and WARNING: anything but a verdict of `check` must be UNKNOWN.
    checking = _is_check(arguments)
    sys.excepthook = _unexpected(arguments, checking)
    try:
        _require_utf8(arguments)
        code = _dispatch(arguments)
        sys.stdout.flush()
    except Failure as failure:
        code = _report(failure, checking)
    except NoFolderError as error:
        code = _report(Failure(str(error), Exit.USAGE), checking)
    except OutputLostError as error:
        finish_output(sys.stdout)
        code = _report(Failure(f"{error}; the output is incomplete", Exit.OUTPUT_LOST), checking)
    except PermissionError as error:
        text = f"{error.filename}: permission denied; if it is another user's, use --home FOLDER"
        code = _report(Failure(text, Exit.CANNOT_WRITE), checking)
    except BrokenPipeError:
        code = Exit.BROKEN_PIPE
    except OSError as error:
        if not checking:
            raise
        text = f"{error.filename or 'a system call'}: {os.strerror(error.errno or 0)}"
        code = _report(Failure(text, Exit.CANNOT_WRITE), checking)
    except KeyboardInterrupt:
        code = Exit.INTERRUPTED
    else:
        return code
    finish_output(sys.stdout)
    return CHECK_UNKNOWN if checking else code


def _report(failure: Failure, checking: bool) -> Exit:
    if checking:
        _print_unknown(failure.text)
    print(f"landerctl: {failure.text}", file=sys.stderr)
    return failure.code


def _dispatch(arguments: list[str]) -> int:
    gc.disable()  # a process this short has nothing to collect but what its imports use
    if COMPLETION_VARIABLE in os.environ:
        from landerctl.completion import shell  # noqa: PLC0415

        if os.environ[COMPLETION_VARIABLE] in shell.SHELLS:
            return shell.run(os.environ[COMPLETION_VARIABLE], os.environ)
    else:
        code = _run_light(arguments)
        if code is not None:
            return code
    gc.enable()
    from landerctl.cli.app import run  # noqa: PLC0415

    return run(arguments)


def _run_light(arguments: list[str]) -> int | None:
    """Run a verb of the fast path; None for others and for command lines that need Typer."""
    from landerctl.fast_path import parse  # noqa: PLC0415

    split = parse.split_verb(arguments)
    if split is None:
        return None
    try:
        return _run_plain(*split)
    except parse.NotPlainError:
        return None


def _run_plain(before: list[str], verb: str, after: list[str]) -> int | None:
    """The same of a command line that was split. Raises NotPlainError."""
    from landerctl.fast_path import parse  # noqa: PLC0415

    if verb == "status":
        from landerctl.fast_path import options, status  # noqa: PLC0415

        return status.run(parse.parse(options.StatusOptions, before, after))
    if verb == "check":
        from landerctl.fast_path import check, check_options  # noqa: PLC0415

        return check.run(parse.parse(check_options.CheckOptions, before, after))
    if verb == "checklist":
        from landerctl.fast_path.checklist import command  # noqa: PLC0415
        from landerctl.fast_path.checklist.options import ChecklistOptions  # noqa: PLC0415

        return command.run(parse.parse(ChecklistOptions, before, after))
    if verb == "sweep" and after[:1] == ["status"]:
        from landerctl.cli.commands.sweep.look import status as sweep  # noqa: PLC0415
        from landerctl.cli.commands.sweep.look import status_options  # noqa: PLC0415

        return sweep.run(parse.parse(status_options.SweepStatusOptions, before, after[1:]))
    if verb == "tui":
        from landerctl.fast_path.options import GlobalOptions  # noqa: PLC0415
        from landerctl.tui.launch import launch  # noqa: PLC0415

        named = parse.parse(GlobalOptions, before, after)
        return launch(named.home, named.config)
    return None


def _is_check(arguments: list[str]) -> bool:
    from landerctl.fast_path import parse  # noqa: PLC0415

    split = parse.split_verb(arguments)
    return split[1] == "check" if split else "check" in arguments


def _print_unknown(text: str) -> None:
    from landerctl.fast_path.check import unknown_json, unknown_line  # noqa: PLC0415

    with suppress(BrokenPipeError, OutputLostError):
        print(unknown_json(text) if "--json" in sys.argv else unknown_line(text))


def _require_utf8(arguments: list[str]) -> None:
    """Files, messages and JSON hold UTF-8. Raises Failure."""
    for argument in arguments:
        if not is_utf8(argument):
            text = f"argument {argument!r}: is not UTF-8 text; rename the file, or type it in UTF-8"
            raise Failure(text, Exit.USAGE)


def _unexpected(
    arguments: list[str], checking: bool
) -> Callable[[type[BaseException], BaseException, TracebackType | None], None]:
    def hook(
        kind: type[BaseException], error: BaseException, traceback: TracebackType | None
    ) -> None:
        from landerctl.fast_path.parse import named_home  # noqa: PLC0415

        try:
            log = state_paths(named_home(arguments), os.environ).operator_log
        except NoFolderError:
            log = None
        report_unexpected(log, kind, error, traceback)
        if checking:
            _print_unknown(redact(f"internal error: {error}"))
        finish_output(sys.stdout)
        # A SystemExit raised in the hook sets the exit code; otherwise it would be 1.
        raise SystemExit(CHECK_UNKNOWN if checking else Exit.SOFTWARE)

    return hook


if __name__ == "__main__":
    sys.exit(main())
