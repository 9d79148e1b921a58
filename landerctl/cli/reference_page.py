"""`docs/reference.md`: `python -m landerctl.cli.reference_page > docs/reference.md`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import typer

from landerctl.cli.app import app
from landerctl.exitcodes import CHECK, TABLE, codes

HEAD = """\
# Reference of the commands

Every command with its arguments, options and examples. Generated from the program's declarations by
`python -m landerctl.cli.reference_page`; a test keeps the two in step. What the commands mean:
[commands.md](commands.md).
"""
EVERYWHERE = ("home", "config")  # options of every command
ENVIRONMENT: dict[str, str] = {
    "LANDERCTL_HOME": "The state folder, if `--home` is not given.",
    "LANDERCTL_CONFIG": "The configuration file, if `--config` is not given.",
    "LANDERCTL_SECTION__KEY": "A setting, as LANDERCTL_PPO__GAMMA; above files, below `--set`.",
    "XDG_STATE_HOME": "The state folder is `landerctl` in it (default: `~/.local/state`).",
    "XDG_CONFIG_HOME": "The user's `landerctl/config.toml` is in it (default: `~/.config`).",
    "XDG_CACHE_HOME": "Compiled code is in `landerctl` in it (default: `~/.cache`).",
    "LANDERCTL_SWEEP_DIR": "On a node of a Ray cluster: the folder of its trials' state folders "
    "([ray.md](ray.md)).",
    "NO_COLOR": "Not empty: no colours.",
    "LANDERCTL_FAILPOINT": "For tests: what fails at which step "
    "([CONTRIBUTING.md](../CONTRIBUTING.md)).",
}
_METAVARS = {int: "INTEGER", float: "NUMBER", str: "TEXT", list[str]: "TEXT", Path: "PATH"}


def render_reference_page() -> str:
    """The page as Markdown, one section for each command, in the order of the help."""
    parts = [HEAD, _everywhere()]
    parts += [_section(path, command) for path, command in commands()]
    parts += [_exit_codes(), _table(("Variable", "Meaning"), _environment(), "## Environment")]
    return "\n".join(parts)


def commands() -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command and group of commands, by the words that call it."""
    yield from _below((), typer.main.get_command(app))


def _below(path: tuple[str, ...], group: Any) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, command in group.commands.items():
        words = (*path, name)
        yield words, command
        if hasattr(command, "commands"):
            yield from _below(words, command)


def _section(path: tuple[str, ...], command: Any) -> str:
    arguments = [p for p in command.params if p.param_type_name == "argument"]
    options = [p for p in command.params if p not in arguments and p.name not in EVERYWHERE]
    call = ["landerctl", *path, *(["[OPTIONS]"] if options else [])]
    call += [_argument(argument) for argument in arguments]
    if hasattr(command, "commands"):
        call.append("[COMMAND]" if command.invoke_without_command else "COMMAND")
    parts = [f"## {' '.join(path)}\n", f"{_cell(command.help)}\n", f"    {' '.join(call)}\n"]
    if arguments:
        rows = [(f"`{_bare(one)}`", _cell(one.help), _default(one)) for one in arguments]
        parts.append(_table(("Argument", "Meaning", "Default"), rows))
    if options:
        parts.append(_options(options))
    if lines := [line for line in (command.epilog or "").splitlines() if line.startswith("  ")]:
        parts.append("Examples:\n\n" + "\n".join(f"  {line}" for line in lines) + "\n")
    if found := sorted(codes(" ".join(path))):
        parts.append(f"[Exit codes](#exit-codes): {', '.join(map(str, found))}.\n")
    return "\n".join(parts)


def _everywhere() -> str:
    start = next(command for path, command in commands() if path == ("start",))
    options = [one for one in start.params if one.name in EVERYWHERE]
    return f"Options of every command, before or after its name:\n\n{_options(options)}"


def _options(options: list[Any]) -> str:
    rows = [(_flags(one), _values(one), _cell(one.help), _default(one)) for one in options]
    return _table(("Option", "Value", "Meaning", "Default"), rows)


def _flags(option: Any) -> str:
    flags = ", ".join(f"`{flag}`" for flag in option.opts)
    return f"{flags} / `{option.secondary_opts[0]}`" if option.secondary_opts else flags


def _values(option: Any) -> str:
    if option.is_flag:
        return ""
    kind: Any = option.type_descriptor.annotation
    choices: tuple[str, ...] = get_args(kind) if get_origin(kind) is Literal else ()
    if hasattr(kind, "__members__"):  # an Enum
        choices = tuple(member.value for member in kind)
    text = ", ".join(f"`{one}`" for one in choices) if choices else f"`{_metavar(option)}`"
    if option.min is not None:
        text += f", at least {option.min}"
    if option.max is not None:
        text += f", at most {option.max}"
    return f"{text}, repeatable" if option.multiple else text


def _metavar(parameter: Any) -> str:
    if parameter.metavar is None and parameter.param_type_name == "argument":
        return str(parameter.name.upper())
    return str(parameter.metavar or _METAVARS[parameter.type_descriptor.annotation])


def _bare(argument: Any) -> str:
    return _metavar(argument).strip("[].")  # Typer has some as [ID]...


def _argument(argument: Any) -> str:
    text = _bare(argument)
    return (text if argument.required else f"[{text}]") + ("..." if argument.nargs == -1 else "")


def _default(parameter: Any) -> str:
    if parameter.required:
        return "required"
    value = parameter.default
    if value is None or value in ("", (), []) or (value is False and not parameter.secondary_opts):
        return ""
    if isinstance(value, bool):
        return f"`{parameter.opts[0] if value else parameter.secondary_opts[0]}`"
    return f"`{getattr(value, 'value', value)}`"


def _exit_codes() -> str:
    rows = [(str(int(code)), meaning, _verbs(verbs)) for code, meaning, verbs in TABLE]
    return _table(("Code", "Meaning", "Commands"), rows, "## Exit codes")


def _verbs(verbs: tuple[str, ...]) -> str:
    return ", ".join(f"`{verb}`" for verb in verbs) or f"all but `{CHECK}`"


def _environment() -> list[tuple[str, str]]:
    return [(f"`{name}`", meaning) for name, meaning in ENVIRONMENT.items()]


def _table(head: tuple[str, ...], rows: list[Any], title: str = "") -> str:
    lines = [head, ("---",) * len(head), *rows]
    table = "".join(f"| {' | '.join(line)} |\n" for line in lines)
    return f"{title}\n\n{table}" if title else table


def _cell(text: str | None) -> str:
    """Text as one line of a Markdown table."""
    return " ".join((text or "").split()).replace("|", "\\|")


if __name__ == "__main__":
    sys.stdout.write(render_reference_page())
