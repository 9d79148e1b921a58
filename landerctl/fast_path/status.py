"""`landerctl status`: the state of daemon and training, read from the store."""

from __future__ import annotations

import os
import time

import msgspec

from checks.checklist.ledger.overrides import override_text
from checks.gather import gather
from daemon.base.paths import StatePaths, state_paths
from landerctl.config_file import require_named_config
from landerctl.fast_path.options import StatusOptions
from landerctl.fast_path.status_report import Overview, lines, overview


def run(options: StatusOptions) -> int:
    """Print the overview; the exit code says whether the daemon runs (landerctl.exitcodes).

    Raises Failure.
    """
    paths = state_paths(options.home, os.environ)
    require_named_config(paths, options.config, os.environ)
    view = view_now(paths) if options.at is None else _view_then(paths, options.at)
    if options.as_json:
        print(msgspec.json.encode(view).decode())
    else:
        print("\n".join(lines(view)))
    return view.exit_code


def view_now(paths: StatePaths) -> Overview:
    """What `status` says of a state folder."""
    view = overview(gather(paths, time.time()), str(paths.home))
    return msgspec.structs.replace(view, override=override_text(paths.ledger))


def _view_then(paths: StatePaths, moment: str) -> Overview:
    # Only this option needs to parse times and to rebuild what is not recorded.
    from landerctl.fast_path.status_then import overview_then  # noqa: PLC0415

    return overview_then(paths, moment)
