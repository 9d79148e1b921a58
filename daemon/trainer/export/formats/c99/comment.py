"""The comment at the head of the C file: where the policy is from, its numbers, how to call it."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from daemon.base.text.counted import counted
from daemon.runs.statistics.intervals import Interval
from daemon.trainer.export.card import Card
from daemon.trainer.export.formats.c99.names import FUNCTION, MACRO, prototype
from daemon.trainer.export.layers import ExportedPolicy

_WIDTH = 96
_NARROWEST = 28  # of a wrapped column
_AS_ABOVE = "as above"
_COMMENT_MARKS = {"/*": "/ *", "*/": "* /"}  # either would nest or end the comment
_CALL = """\
Call it once in each control interval ({interval_s:g} s) with a whole observation, and hold the \
action until the next call. It allocates no memory, writes nothing but `action`, and may be called \
from several threads. All arithmetic is in single precision: {multiplications:,} multiplications, \
{tanh:,} calls of tanhf() (link libm), {stack:,} bytes of stack, {constants:,} bytes of constants. \
Do not compile it with -ffast-math, which would reorder the normalizer's subtractions.

An observation with a NaN gives actions that are NaN: check for it before an actuator is commanded.\
"""
_TRY = """\
To try it, compile it with a main() that reads observations from standard input until it ends and \
writes an action for each, at once: as text (numbers separated by white space; an action a line), \
or with the argument `binary` as this machine's floats."""


def head_comment(policy: ExportedPolicy, card: Card) -> str:
    """The whole comment; plain ASCII, and nothing in it ends it early."""
    lines = [
        *_origin(card),
        "",
        f"    {prototype(policy)};",
        "",
        *_wrapped(_CALL.format(interval_s=card.limits.control_interval_s, **_costs(policy))),
        "",
        *_wrapped(_TRY),
        "",
        f"    cc -std=c99 -O2 -D{MACRO}_MAIN THIS_FILE.c -lm -o {FUNCTION}",
        f"    ./{FUNCTION} < observations.txt",
        "",
        "Observation, before it is normalized. Each number is clipped to its range.",
        "",
        *_observations(card),
        "",
        "Action. Each command is from -1 to 1.",
        "",
        *_actions(card),
    ]
    text = "\n".join(f" * {_harmless(line)}".rstrip() for line in lines)
    return f"/*\n{text}\n */"


def _origin(card: Card) -> Iterator[str]:
    training, limits = card.training, card.limits
    yield f"A landing policy for the vehicle {limits.vehicle}, exported by landerctl."
    yield ""
    named = f" ({training.run_name})" if training.run_name else ""
    yield f"Run         {training.run_id}{named}"
    yield (
        f"Checkpoint  {training.checkpoint}: {training.algorithm.upper()}, "
        f"{training.timesteps:,} steps, seed {training.seed}"
    )
    yield f"Trained     up to stage {limits.stage}, {limits.stage_name}; not known to land beyond"
    if card.evaluation is None:
        yield f"Evaluation  none; {card.evaluate}"
    else:
        rate, result = card.evaluation.success_rate, card.evaluation
        yield (
            f"Evaluation  landed {_percent(rate)} of {counted(result.episodes, 'episode')} of "
            f"stage {result.stage}, {result.stage_name}"
        )
    if card.license:
        yield f"License     {card.license}"


def _percent(rate: Interval) -> str:
    text = f"{100.0 * rate.mean:.1f}%"
    if rate.low is None or rate.high is None:
        return text
    return f"{text} ({100.0 * rate.low:.1f} to {100.0 * rate.high:.1f}%)"


def _costs(policy: ExportedPolicy) -> dict[str, int]:
    sizes = [layer.bias.size for layer in policy.layers]
    weights = sum(layer.weight.size for layer in policy.layers)
    n_tanh = sum(sizes[:-1]) if policy.activation == "tanh" else 0
    return {
        "multiplications": weights + policy.n_observations,
        "tanh": n_tanh + (policy.n_actions if policy.output == "tanh" else 0),
        "stack": 4 * (policy.n_observations + sum(sizes)),
        "constants": 4 * (weights + sum(sizes) + 3 * policy.n_observations),
    }


def _observations(card: Card) -> Iterator[str]:
    rows = [
        (str(row.index), row.name, f"{row.low:g} to {row.high:g}", row.unit, row.meaning)
        for row in card.observation
    ]
    yield from _table(("", "name", "range", "unit", "meaning"), rows)


def _actions(card: Card) -> Iterator[str]:
    rows = [(str(row.index), row.name, row.meaning) for row in card.action]
    yield from _table(("", "name", "meaning"), rows)


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    """Columns two spaces apart; the last one is wrapped, and not repeated."""
    *widths, _ = (max(map(len, column)) for column in zip(head, *rows, strict=True))
    left = sum(widths) + 2 * len(widths)
    above = ""
    for *cells, last in (head, *rows):
        first = "".join(f"{cell:<{width}}  " for cell, width in zip(cells, widths, strict=True))
        text, above = (_AS_ABOVE if last == above else last), last
        yield from textwrap.wrap(
            text,
            max(_WIDTH, left + _NARROWEST),
            initial_indent=first,
            subsequent_indent=" " * left,
            break_long_words=False,
            break_on_hyphens=False,
        )


def _wrapped(text: str) -> Iterator[str]:
    for paragraph in text.split("\n"):
        yield from textwrap.wrap(paragraph, _WIDTH, break_on_hyphens=False) or [""]


def _harmless(line: str) -> str:
    for mark, instead in _COMMENT_MARKS.items():
        line = line.replace(mark, instead)
    return line.encode("ascii", "backslashreplace").decode()
