"""A configuration file to begin with, and the JSON Schema beside it."""

from __future__ import annotations

import re
from pathlib import Path

from daemon.base.files import write_atomically
from daemon.config.load import default_config_path
from daemon.config.read import read_text
from daemon.config.reference.json_schema import json_schema_text

SCHEMA_NAME = "config.schema.json"
FIRST_TEXT = f"""\
#:schema ./{SCHEMA_NAME}
# landerctl's configuration: only what differs from the defaults, which `landerctl config show`
# prints. Sections and settings, for example:

# [run]
# n_envs = 64

# [ppo]
# desired_kl = 0.01

# [[notify.targets]]
# name = "phone"
# url_file = "phone-url"    # a file with the URL, mode 0600
"""
_HEAD = re.compile(rf"(?:#.*\n)*#:schema (?:\./)?{re.escape(SCHEMA_NAME)}\s*$", re.MULTILINE)


def place_schema(file: Path, text: str) -> None:
    """Write today's JSON Schema beside a file whose text names it. Raises OSError."""
    if not _HEAD.match(text):
        return
    schema = file.with_name(SCHEMA_NAME)
    content = json_schema_text(read_text(default_config_path())).encode()
    if not schema.exists() or schema.read_bytes() != content:
        write_atomically(schema, content)
