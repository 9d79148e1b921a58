"""Names of checks, events, metrics and settings that the documents use are the program's."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest

from checks.checklist.table.all import LINES
from checks.milestones import first_day, first_hour
from checks.registry import CHECKS
from daemon.config import load_config
from daemon.store.catalogs.event_catalog import CATALOGUE as EVENTS
from daemon.store.catalogs.metric_catalog import CATALOGUE as METRICS
from daemon.store.catalogs.metric_catalog import find_kind
from landerctl.cli.reference_page import commands
from tests.checks.evidence_samples import healthy
from tests.daemon.harness import ROOT
from tests.daemon.sweeps.spec.keys import keys_by_table
from tests.docs.pages import PAGES

COMMANDS = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
FILE = re.compile(
    r".*\.(toml|json|jsonl|md|zip|zst|npz|npy|pkl|log|db|py|sock|tag|svg|png|csv|tar|tcss|yml)"
)


def settings() -> set[str]:
    """Every setting as `section.name`, or `section.list.name`."""
    sections = msgspec.to_builtins(load_config(None).config)
    stage = sections["curriculum"]["stages"][0]
    return {
        *(
            f"{name}.{key}"
            for name, section in sections.items()
            if isinstance(section, dict)
            for key in section
        ),
        *stage,
        *(f"curriculum.{key}" for key in stage),
        "backup.targets.options_file",
        "notify.targets.url_file",
    }


def rows(head: str) -> list[str]:
    """The names in the first column of the table with this head."""
    table = COMMANDS.partition(f"| {head} |")[2].partition("\n\n")[0]
    return re.findall(r"`([\w-]+)`(?=[^|]*\|[^|]*\|$)", table, re.MULTILINE)


def test_the_tables_of_checks_are_the_programs() -> None:
    assert sorted(rows("Name | Bad when")) == sorted(CHECKS)
    for name, check in (("first-hour", first_hour.check), ("first-day", first_day.check)):
        findings = [finding.name for finding in check(healthy()).findings]
        assert rows(f"Line of `{name}` | Holds when") == findings


def module(name: str) -> bool:
    path = ROOT / name.replace(".", "/")
    return path.is_dir() or path.with_suffix(".py").exists()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_dotted_names_are_events_settings_lines_or_modules(page: Path) -> None:
    of_sweeps = {f"{table}.{key}" for table, keys in keys_by_table().items() for key in keys}
    known = settings() | EVENTS.keys() | {line.id for line in LINES} | of_sweeps
    text = page.read_text(encoding="utf-8")
    named = set(re.findall(r"`([a-z_]+(?:\.[a-z_]+)+)`", text))
    assert {
        name for name in named - known if not FILE.fullmatch(name) and not module(name)
    } == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_names_with_a_slash_are_metrics(page: Path) -> None:
    prefixes = "|".join({name.partition("/")[0] for name in METRICS} - {"daemon"})
    text = page.read_text(encoding="utf-8")
    named = re.findall(rf"`((?:{prefixes})/\w[\w/]*)`", text)
    assert [name for name in named if find_kind(name) is None] == []


def test_each_option_named_in_a_commands_section_is_its_own() -> None:
    options: dict[str, set[str]] = {}
    for path, command in commands():
        flags = {flag for one in command.params for flag in (*one.opts, *one.secondary_opts)}
        options.setdefault(path[0], {"--home", "--config", "--help", "--version"}).update(flags)
    sections = re.split(r"^## ", COMMANDS, flags=re.MULTILINE)[1:]
    for section in sections:
        title = section.partition("\n")[0]
        if title in options:
            own = re.sub(r"`landerctl [^`]*`", "", section)  # test_commands_parse.py has these
            assert set(re.findall(r"`(--[a-z-]+)", own)) <= options[title], title
