"""`landerctl selftest`."""

from __future__ import annotations

import typer

from landerctl.cli.shared.exec_trainer import become_trainer
from landerctl.cli.shared.session import ConfigFile, Home, Json, examples, open_session

EXAMPLES = examples("landerctl selftest", "landerctl selftest --json")


def selftest(
    context: typer.Context, as_json: Json = False, home: Home = None, config: ConfigFile = None
) -> int:
    """Test the installation: environment, API checks, 5,000 training steps. Takes a minute."""
    session = open_session(context, home, config)
    sources = session.find_sources().without_variables().arguments()
    return become_trainer(session, ["selftest", *sources, *(["--json"] if as_json else [])])
