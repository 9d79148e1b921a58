"""`landerctl config schema`."""

from __future__ import annotations

from daemon.config.load import default_config_path
from daemon.config.read import read_text
from daemon.config.reference.json_schema import json_schema_text
from landerctl.cli.shared.session import examples
from landerctl.exitcodes import Exit

EXAMPLES = examples(
    "landerctl config schema >config.schema.json",
    "landerctl config schema | jq .properties.ppo.properties.gamma",
)


def schema() -> int:
    """Print a JSON Schema of the configuration.

    With it taplo, and editors that use it, complete and check a file, whose first line names it:
    #:schema ./config.schema.json
    """
    print(json_schema_text(read_text(default_config_path())), end="")
    return Exit.OK
