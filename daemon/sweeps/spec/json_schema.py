"""The JSON Schema (draft-07) of a sweep's file, for taplo and editors that use it.

    python -m daemon.sweeps.spec.json_schema < docs/sweep-file.md > docs/sweep.schema.json

Types and bounds are those of `SweepSpec`, meanings those of the tables of docs/sweep-file.md. What
the parts must be to each other is not in it.
"""

from __future__ import annotations

import json
import re
import sys
from typing import Any

import msgspec

from daemon.config.forking.effects import RULES, STAGES
from daemon.config.reference.json_schema import DRAFT
from daemon.sweeps.spec.parameters import DECIDED
from daemon.sweeps.spec.schema import SweepSpec

_ROW = re.compile(r"\| (?P<keys>`\w+`(?:, `\w+`)*) \| (?P<meaning>.*?) \|")


def json_schema_text(page: str) -> str:
    """The schema as the text of a file; `page` is the text of docs/sweep-file.md."""
    _, parts = msgspec.json.schema_components([SweepSpec], ref_template="#/definitions/{name}")
    definitions = {name: _plain(part) for name, part in parts.items()}
    whole = definitions.pop(SweepSpec.__name__)
    for section in page.split("\n## "):
        table = re.match(r"`\[+(\w+)\]+`", section)
        part = whole if table is None else definitions[_named(whole["properties"][table[1]])]
        for row in _ROW.finditer(section):
            for key in re.findall(r"\w+", row["keys"]):
                if key in part["properties"]:
                    part["properties"][key]["description"] = _sentence(row["meaning"])
    parameter = definitions["Parameter"]["properties"]
    del parameter["only_if"]["additionalProperties"]  # a dotted name may be tables
    parameter["setting"] |= {
        "anyOf": [{"enum": _settings()}, {"pattern": rf"^{re.escape(STAGES)}[.\[]"}]
    }
    schema = {"$schema": DRAFT, "title": "A sweep of landerctl", **whole}
    return json.dumps({**schema, "definitions": definitions}, indent=2) + "\n"


def _plain(part: Any) -> Any:
    """Without names of Python, and without null, which TOML has not."""
    if isinstance(part, list):
        return [_plain(one) for one in part]
    if not isinstance(part, dict):
        return part
    if "anyOf" in part:
        (part,) = (one for one in part["anyOf"] if one != {"type": "null"})
    return {
        key: _plain(one)
        for key, one in part.items()
        if not (key in {"title", "description"} and isinstance(one, str))
        and not (key == "default" and (one is None or isinstance(one, list | dict)))
    }


def _named(part: dict[str, Any]) -> str:
    """The definition to which a table, or each element of a list of tables, refers."""
    reference: str = part.get("items", part)["$ref"]
    return reference.rpartition("/")[2]


def _settings() -> list[str]:
    """The settings that a parameter may be; those of stages have their numbers or names in them."""
    return [name for name in RULES if name not in DECIDED and not name.startswith(STAGES)]


def _sentence(meaning: str) -> str:
    plain = re.sub(r"\[([^]]*)\]\([^)]*\)|`", r"\1", meaning)
    return f"{plain[:1].upper()}{plain[1:]}."


if __name__ == "__main__":
    print(json_schema_text(sys.stdin.read()), end="")
