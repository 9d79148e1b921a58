"""`landerctl status`: the state of daemon and training, read from the store."""

from __future__ import annotations

import os
import time

import msgspec

from checks.checklist.ledger.overrides import override_text
from checks.gather import gather
from daemon.base.paths import state_paths
from landerctl.config_file import require_named_config
from landerctl.fast_path.options import StatusOptions
from landerctl.fast_path.status_report import lines, overview


def run(options: StatusOptions) -> int:
    """Print the overview; the exit code says whether the daemon runs (landerctl.exitcodes).

    Raises Failure.
    """
    paths = state_paths(options.home, os.environ)
    require_named_config(paths, options.config, os.environ)
    evidence = gather(paths, time.time())
    view = overview(evidence, str(paths.home))
    view = msgspec.structs.replace(view, override=override_text(paths.ledger))
    if options.as_json:
        print(msgspec.json.encode(view).decode())
    else:
        print("\n".join(lines(view)))
    return view.exit_code
