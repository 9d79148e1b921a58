"""The drill `environment`: does everything work that a training needs, and as the document asks?"""

from __future__ import annotations

from collections.abc import Iterator

from checks.checklist.judge import ENVIRONMENT
from daemon.config import Config
from daemon.protocol.finding import Figures, Finding
from landerctl.drills.environment.fixed_tests import run_fixed_tests
from landerctl.drills.keys import drill_keys, fixed_lines
from landerctl.drills.model import DrillContext, DrillKind
from landerctl.drills.trainer_findings import drill_command, trainer_findings

FLOWN = 0.8  # share of the time that flying takes; the rest is the tests'


def conduct(context: DrillContext) -> Iterator[Finding]:
    """A finding for each line of the phase, and for each line that is true by construction."""
    yield judge_gates(context.config)
    yield from trainer_findings(context, drill_command(context, ENVIRONMENT), until=FLOWN)
    yield from run_fixed_tests(context, fixed_lines(), begin=FLOWN)


def judge_gates(config: Config) -> Finding:
    """Whether each stage's gate asks for at least the document's success rate."""
    key = "stage-thresholds"
    gates = [stage.gate_success_rate for stage in config.curriculum.stages]
    due = config.checklist.stage_success_rates
    if config.run.mode == "demo":
        return Finding(key, None, f"a demo has only {len(gates)} stages: start a training")
    shown = ", ".join(f"{gate:.0%}" for gate in gates)
    figures: Figures = {f"stage_{number}": gate for number, gate in enumerate(gates, 1)}
    if len(gates) != len(due):
        return Finding(key, False, f"{len(gates)} gates, {len(due)} are due: {shown}", figures)
    pairs = enumerate(zip(gates, due, strict=True), 1)
    low = [number for number, (gate, least) in pairs if gate < least]
    text = f"the gates are {shown}"
    if low:
        text = f"{text}: too low in stage {', '.join(map(str, low))}"
    return Finding(key, not low, text, figures)


KIND = DrillKind(
    name=ENVIRONMENT,
    purpose="tests the environment, a short training and the lines true by construction",
    keys=drill_keys(ENVIRONMENT),
    expected_s=120.0,
    conduct=conduct,
)
