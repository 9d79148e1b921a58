"""The fields of a run by which `landerctl runs` filters and sorts. Pure.

`--where 'FIELD OP VALUE'`: a comparison, never evaluated as code. Besides FIELDS a setting of the
frozen configuration, such as ``ppo.clip_range``.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from daemon.config.judging.explain import suggestion
from landerctl.operations.runs.summary import RunSummary
from landerctl.presentation.moments import SPAN, UNITS_S

Value = str | float | tuple[str, ...] | None


@dataclass(frozen=True)
class Field:
    """What a field means, and its value of a run at a Unix time; None: it has none."""

    meaning: str
    of: Callable[[RunSummary, float], Value]


def _age_s(run: RunSummary, now_s: float) -> float:
    return now_s - run.metadata.created_s


FIELDS: dict[str, Field] = {
    "name": Field("what people call it", lambda run, _: run.name),
    "id": Field("its id", lambda run, _: run.id),
    "state": Field("training, stopped or completed", lambda run, _: run.state),
    "steps": Field("of its newest checkpoint", lambda run, _: _newest(run, "timesteps")),
    "stage": Field("of its newest checkpoint", lambda run, _: _newest(run, "stage")),
    "gates": Field("number of gates passed", lambda run, _: float(run.gates)),
    "success": Field("rate, 0.8 or 80%", lambda run, _: _newest(run, "success_rate")),
    "reward": Field("mean", lambda run, _: _newest(run, "reward_mean")),
    "age": Field("since it was created, 90s, 2h or 3d", _age_s),
    "parent": Field("id of the run that it was forked from", lambda run, _: _parent(run)),
    "tag": Field("any of its tags", lambda run, _: run.metadata.tags),
    "mode": Field("curriculum, standard or demo", lambda run, _: _setting(run, "mode")),
    "algorithm": Field("ppo, sac or td3", lambda run, _: _setting(run, "algorithm")),
    "n_envs": Field("landers in its fleet", lambda run, _: _setting(run, "n_envs")),
    "seed": Field("of its random numbers", lambda run, _: _setting(run, "seed")),
    "warm_start": Field("none or reference", lambda run, _: _setting(run, "warm_start")),
}
_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    "!=": operator.ne,
    "==": operator.eq,
    "=": operator.eq,
    ">": operator.gt,
    "<": operator.lt,
    "~": lambda has, part: part in has,
}
_CONDITION = re.compile(r"\s*([A-Za-z_.]+)\s*(>=|<=|!=|==|=|>|<|~)\s*(.*?)\s*")
_NUMBER = re.compile(r"([+-]?(?:\d[\d_,]*)?(?:\.\d+)?(?:[eE][+-]?\d+)?)([kMG%]?)")
_SUFFIXES = {"": 1.0, "%": 0.01, "k": 1e3, "M": 1e6, "G": 1e9}


class ConditionError(Exception):
    """A condition or a field is invalid. The message is one line for the user."""


@dataclass(frozen=True)
class Condition:
    """A comparison of a field, or of a setting if its name has a dot."""

    field: str
    operator: str
    value: str

    @property
    def is_of_setting(self) -> bool:
        """Whether it compares a setting of the run's configuration."""
        return "." in self.field

    def holds(self, has: Value) -> bool:
        """Whether it holds for a value; what has none only differs from all."""
        if has is None:
            return self.operator == "!="
        if isinstance(has, tuple):
            found = [self._holds(one) for one in has]
            return all(found) if self.operator == "!=" else any(found)
        return self._holds(has)

    def _holds(self, has: str | float) -> bool:
        compare = _OPERATORS[self.operator]
        if isinstance(has, str) or self.operator == "~":
            return compare(str(has).lower(), self.value.lower())
        wanted = _number(self.value)
        return self.operator == "!=" if wanted is None else compare(has, wanted)


def parse_condition(text: str, settings: Callable[[], Sequence[str]]) -> Condition:
    """The comparison in a text. `settings`: the names of all, read only if one is meant.

    Raises ConditionError.
    """
    match = _CONDITION.fullmatch(text)
    if match is None or not match[3]:
        raise ConditionError(f"{text!r}: expected FIELD OP VALUE, such as stage>=3 or success>80%")
    field = match[1]
    known: Collection[str] = settings() if "." in field else FIELDS
    if field not in known:
        raise ConditionError(f"unknown field {field!r}{_hint(field, known)}")
    if field in _NUMERIC and match[2] != "~" and _number(match[3]) is None:
        raise ConditionError(f"{text!r}: {field} is a number ({FIELDS[field].meaning})")
    return Condition(field, match[2], match[3])


def selected(
    runs: Sequence[RunSummary],
    conditions: Sequence[Condition],
    now_s: float,
    settings_of: Callable[[RunSummary], Mapping[str, Any]],
) -> list[RunSummary]:
    """The runs for which all conditions hold. `settings_of`: of a run, read only if needed."""

    def holds(run: RunSummary, condition: Condition) -> bool:
        if condition.is_of_setting:
            return condition.holds(settings_of(run).get(condition.field))
        return condition.holds(FIELDS[condition.field].of(run, now_s))

    return [run for run in runs if all(holds(run, one) for one in conditions)]


def ordered(
    runs: Sequence[RunSummary], field: str, now_s: float, *, reverse: bool
) -> list[RunSummary]:
    """Sorted by a field: texts from A to Z, numbers from the highest; those without one last.

    Raises ConditionError.
    """
    if field not in FIELDS:
        raise ConditionError(f"unknown field {field!r}{_hint(field, FIELDS)}")
    values = {run.id: FIELDS[field].of(run, now_s) for run in runs}
    numbers = [run for run in runs if isinstance(values[run.id], int | float)]
    texts = [run for run in runs if isinstance(values[run.id], str | tuple) and values[run.id]]
    rest = [run for run in runs if run not in numbers and run not in texts]
    numbers.sort(key=lambda run: values[run.id], reverse=not reverse)  # type: ignore[arg-type,return-value]
    texts.sort(key=lambda run: values[run.id], reverse=reverse)  # type: ignore[arg-type,return-value]
    return numbers + texts + rest


def _hint(field: str, known: Collection[str]) -> str:
    listed = "" if "." in field else f"; known: {', '.join(known)}"
    return suggestion(field, known) or listed


def _number(text: str) -> float | None:
    """``0.8``, ``80%``, ``1.5M``, ``2h`` (seconds); None if it is none."""
    if span := SPAN.fullmatch(text):
        # M is a million, m a minute.
        return float(span[1]) * UNITS_S[span[2]]
    match = _NUMBER.fullmatch(text)
    if match is None:
        return None
    try:
        return float(match[1].replace(",", "")) * _SUFFIXES[match[2]]
    except ValueError:
        return None


_NUMERIC = frozenset({"steps", "stage", "gates", "success", "reward", "age", "n_envs", "seed"})


def _newest(run: RunSummary, name: str) -> float | None:
    if run.newest is None:
        return 0.0 if name == "timesteps" else None
    found: float | None = getattr(run.newest, name)
    return None if found is None or math.isnan(found) else found


def _parent(run: RunSummary) -> str | None:
    return run.metadata.parent.run_id if run.metadata.parent else None


def _setting(run: RunSummary, name: str) -> str | float | None:
    found: str | float | None = getattr(run.settings, name, None)
    return found
