"""The drill `evaluation`: is the run's best model good enough, on seeds that it never met?

The result is stored with the run's evaluations, as by `landerctl evaluate`.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

import msgspec

from daemon.base.malformed import MALFORMED
from daemon.base.paths import RunPaths
from daemon.base.text.counted import counted
from daemon.checkpoint.best import MIN_EPISODES, best_of
from daemon.checkpoint.catalog import list_checkpoints
from daemon.checkpoint.manifest import Manifest
from daemon.config import Config
from daemon.protocol.finding import Finding
from daemon.runs.evaluations import EvaluationResult
from daemon.runs.run_folder import current_run
from landerctl.drills.evaluation.criteria import judge_evaluation
from landerctl.drills.keys import drill_keys
from landerctl.drills.model import DrillContext, DrillError, DrillKind
from landerctl.drills.scratch.leash import leashed
from landerctl.drills.trainer_findings import last_line, trainer_command

NAME = "evaluation"
SEEDS_EACH = 1_000_000  # each checkpoint has its own block of seeds, after the evaluations' own
EVALUATION_S = 7200.0  # a hundred descents take a minute on two idle cores


def conduct(context: DrillContext) -> Iterator[Finding]:
    """Fly the best model in the last of the document's stages. Raises DrillError without one."""
    config, limits = context.config, context.config.checklist
    run = current_run(context.paths)
    if run is None:
        raise DrillError("there is no run to evaluate: `landerctl start` creates one")
    stages, last = len(config.curriculum.stages), len(limits.stage_success_rates)
    if stages < last:
        raise DrillError(f"the run has {stages} of the {last} stages: start one of mode curriculum")
    best = best_of(list_checkpoints(run.checkpoints).whole)
    if best is None:
        raise DrillError(
            f"the run has no best model yet: none is evaluated, none has flown {MIN_EPISODES} "
            "episodes"
        )
    episodes = limits.evaluation_episodes
    context.report(f"{best.id} flies {counted(episodes, 'episode')} of stage {last}", 0.0)
    result = _evaluate(
        context,
        run,
        [
            *("--checkpoint", str(run.checkpoints / best.id)),
            *("--stage", str(last)),
            *("--episodes", str(episodes)),
            *("--first-seed", str(first_seed(config, best))),
        ],
    )
    yield from judge_evaluation(result, limits)


def first_seed(config: Config, checkpoint: Manifest) -> int:
    """Of a checkpoint's own block, which neither gates nor the choice of the best have used."""
    return config.evaluation.seed + (checkpoint.sequence + 1) * SEEDS_EACH


def _evaluate(context: DrillContext, run: RunPaths, what: list[str]) -> EvaluationResult:
    log = context.scratch / "evaluate.log"
    command = trainer_command("evaluate", "--json", "--run", str(run.folder), *what)
    with leashed(command, log) as process:
        try:
            output, _ = process.communicate(timeout=EVALUATION_S)
        except subprocess.TimeoutExpired:
            raise DrillError(f"the evaluation did not end within {EVALUATION_S:g} s") from None
    try:
        return msgspec.json.decode(output, type=EvaluationResult)
    except MALFORMED:
        said = last_line(log) or f"exit code {process.returncode}"
        raise DrillError(f"the evaluation failed: {said}") from None


KIND = DrillKind(
    name=NAME,
    purpose="flies the best model on fresh seeds; the result stays with the run's evaluations",
    keys=drill_keys(NAME),
    expected_s=90.0,
    conduct=conduct,
)
