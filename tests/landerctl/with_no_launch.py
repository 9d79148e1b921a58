"""The real `landerctl`, whose `start` does all but start the daemon."""

from __future__ import annotations

import sys
from unittest import mock

from landerctl.__main__ import main
from landerctl.cli.commands.run import launching

if __name__ == "__main__":
    with mock.patch.object(launching, "launch", lambda *_: None):
        sys.exit(main())
