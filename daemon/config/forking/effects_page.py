"""`docs/forks.md`: `python -m daemon.config.forking.effects_page > docs/forks.md`."""

from __future__ import annotations

import sys
from itertools import groupby

from daemon.config.forking.effects import OFF_POLICY, RULES, Rule

HEAD = """\
# What does a changed setting mean in a fork?

    landerctl start --from current --set ppo.clip_range=0.1 --dry-run

A fork continues a state of a run, a checkpoint or a backup, as a new run with changed settings:
`--from` takes `RUN/STATE`, where `RUN` is an id, a name or `current`, and `STATE` an id, `best` or,
by default, `newest`. The plan is printed before anything happens: each changed setting, and what it
means; with `--dry-run` nothing else happens. The parent is only read.

A fork with nothing changed continues as its parent would have, to the bit. Timesteps, training
time and the stage carry over in any case; the best model is chosen among the fork's own. All
settings are the parent's unless `--set` or another option of `start` changes them: configuration
files and variables do not apply to what a run freezes. Hyperparameters come from there, never from
the model's archive.

- **free**: policy, optimisers, statistics, flights and replay buffer carry over.
- **flights begin anew**: policy, optimisers and statistics carry over; each lander begins an
  episode. The replay buffer of SAC and TD3 begins empty: updates follow after `learning_starts`
  steps.
- **new model**: the stage carries over; policy, optimisers, statistics and flights begin anew, and
  the gate of the stage has to be passed.
- **refused**: start a new run.

What begins anew besides is in the last column. `window` is the last episodes by which a stage is
judged, and what the watch for divergence has seen; `returns` the statistics that scale rewards;
`learning rate` the one that PPO has adapted, which otherwise follows `ppo.desired_kl` from where it
is. Settings of an algorithm that is not the run's mean nothing, and are free.

A rollback in a fork goes back to the fork at most; for an earlier state fork the parent again.

Generated from `daemon/config/forking/effects.py` by
`python -m daemon.config.forking.effects_page`; a test holds a row for every setting that a run
freezes.
"""


def render_forks_page() -> str:
    """The page as Markdown, a table for each section."""
    parts = [HEAD]
    for section, settings in groupby(RULES, key=lambda setting: setting.rpartition(".")[0]):
        title = f"[[{section}]]" if "." in section else f"[{section}]"
        rows = "".join(_row(setting.rpartition(".")[2], RULES[setting]) for setting in settings)
        table = "| Setting | Effect | Why | Begins anew |\n| --- | --- | --- | --- |\n"
        parts.append(f"## {title}\n\n{table}{rows}")
    return "\n".join(parts)


def _row(name: str, rule: Rule) -> str:
    effect: str = rule.effect
    if rule.initial:
        effect += ", free with a new model"
    if len(rule.used_by) < 1 + len(OFF_POLICY):
        effect += f" ({', '.join(rule.used_by)})"
    return f"| `{name}` | {effect} | {rule.reason} | {', '.join(sorted(rule.anew))} |\n"


if __name__ == "__main__":
    sys.stdout.write(render_forks_page())
