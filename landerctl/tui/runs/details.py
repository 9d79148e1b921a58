"""Everything about one run, in lines. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from checks.wording import date_and_clock, number, percent, some_of
from daemon.base.text.counted import counted
from daemon.base.text.warm_start import warm_start_text
from landerctl.operations.runs.summary import RunSummary
from landerctl.tui.format import shorten, wrap

Line = tuple[str, str]  # a muted beginning, and the text
_LABEL_CELLS = 13
_MOST_FORKS = 6


def detail_lines(
    run: RunSummary,
    names: Mapping[str, str],
    forks: Sequence[str],
    differing: Sequence[str] | None,
    width: int,
) -> list[Line]:
    """The lines for `width` cells. `names`: of all runs by id; `forks`: the names of its forks.

    `differing`: its settings that are not the defaults; None: not read yet.
    """
    lines = [("", shorten(run.name, width))]
    for label, text in _facts(run, names, forks):
        first, *rest = wrap(text, max(8, width - _LABEL_CELLS)) or [""]
        lines.append((f"{label:<{_LABEL_CELLS}}", first))
        lines += [(" " * _LABEL_CELLS, more) for more in rest]
    if differing is None:
        return lines
    lines += [("", ""), ("Settings that are not the defaults", "")]
    for text in differing or ("none",):
        first, *rest = wrap(text, width)
        lines += [("", first), *(("  ", more) for more in rest)]
    return lines


def _facts(
    run: RunSummary, names: Mapping[str, str], forks: Sequence[str]
) -> Iterator[tuple[str, str]]:
    metadata, settings, newest = run.metadata, run.settings, run.newest
    yield "id", run.id
    if metadata.parent is not None:
        parent = metadata.parent
        name = names.get(parent.run_id, f"{parent.run_id}, removed")
        yield "forked from", f"{name} at {number(parent.timesteps)} steps, {parent.state}"
    if forks:
        yield "forks", some_of(forks, _MOST_FORKS)
    if metadata.tags:
        yield "tags", " ".join(metadata.tags)
    yield "created", date_and_clock(metadata.created_s)
    if metadata.archived_s is not None:
        yield "archived", date_and_clock(metadata.archived_s)
    if settings is not None:
        landers = f"{counted(settings.n_envs, 'lander')}, seed {settings.seed}"
        warm = warm_start_text(settings.warm_start)
        yield "trains", f"{settings.mode}, {settings.algorithm}, {landers}{warm}"
    else:
        yield "trains", "its configuration cannot be read"
    if newest is not None:
        success = "" if newest.success_rate is None else f", {percent(newest.success_rate)} landed"
        yield "newest", f"{newest.id}: stage {newest.stage}{success}"
    if metadata.machine:
        yield "machine", metadata.machine
    if metadata.fingerprint:
        yield "fingerprint", metadata.fingerprint
    if metadata.versions:
        yield "versions", ", ".join(f"{name} {of}" for name, of in metadata.versions.items())
