"""`python -m daemon.trainer.commands.check_config`: whether the settings on stdin can be flown.

They are the content of a run's `config.json`, before there is a run. A line on stderr says what
cannot be used.
"""

from __future__ import annotations

import sys
from typing import Any

import msgspec

from daemon.base.exitcodes import TrainerExit
from daemon.config import ConfigError
from daemon.config.load import check_values
from daemon.trainer.flyable import check_config
from daemon.trainer.health.errors import UnusableError


def main() -> TrainerExit:
    """Returns CONFIG for settings that cannot be flown."""
    values = msgspec.json.decode(sys.stdin.buffer.read(), type=dict[str, Any])
    try:
        check_config(check_values(values, "configuration"))
    except (ConfigError, UnusableError) as error:
        print(error, file=sys.stderr)
        return TrainerExit.CONFIG
    return TrainerExit.COMPLETED


if __name__ == "__main__":
    sys.exit(main())
