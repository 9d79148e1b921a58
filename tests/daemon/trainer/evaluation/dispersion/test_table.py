"""The table of a dispersed evaluation says every figure, difference and command."""

from __future__ import annotations

from daemon.runs.dispersion.compare import Landing, compare_cases, worst_flights
from daemon.runs.dispersion.draw import draw_case
from daemon.runs.dispersion.parameters import NOMINAL, Dispersion
from daemon.runs.dispersion.record import DispersedResult, WorstCase
from daemon.trainer.commands.disperse import flight_arguments
from daemon.trainer.evaluation.dispersion.table import table

DISPERSIONS = {"isp": Dispersion("normal", 0.3, "%")}
CALM = [Landing(seed, "landed", True, 1500.0, 1.0 + 0.01 * seed, 3.0, 0.5) for seed in range(20)]
ROUGH = [
    Landing(seed, "hard_landing", False, -300.0, 4.0, 3.0, 0.4) if seed < 5 else one
    for seed, one in enumerate(CALM)
]


def result(pilot: str) -> DispersedResult:
    flown = {
        pilot: {NOMINAL: CALM, "isp": ROUGH},
        "reference": {NOMINAL: CALM, "isp": CALM},
    }
    return DispersedResult(
        run_id="r",
        pilot=pilot,
        created_s=0.0,
        flown_s=61.0,
        vehicle="starship-hls",
        stage=2,
        stage_name="hover",
        episodes=20,
        first_seed=0,
        file=None,
        dispersions=DISPERSIONS,
        cases=compare_cases(flown, pilot, "reference"),
        worst=[
            WorstCase(
                case=case,
                seed=one.seed,
                outcome=one.outcome,
                reward=one.reward,
                drawn=draw_case(case, one.seed, DISPERSIONS),
                again=flight_arguments(
                    ["landerctl", "fly"], f"r/{pilot}", stage=2, seed=one.seed, case=case, file=None
                ),
            )
            for case, one in worst_flights(flown[pilot])
        ],
    )


def test_policy_and_reference_pilot_are_side_by_side_with_their_differences() -> None:
    lines = table(result("000001-gate"), "no").splitlines()
    assert lines[1] == "episodes  20 of each case, seeds 0 to 19, stage 2, hover; starship-hls"
    words = [" ".join(line.split()) for line in lines]
    assert "isp policy 75.0 (53.1 to 88.8) 1.12 (1.10 to 1.14)" in " ".join(words)
    assert any(line.endswith("5 hard landing") for line in words)
    assert any(line.startswith("reference 100.0 (83.9 to 100.0)") for line in words)
    assert any(line.startswith("isp policy -25.0 (") and " 0.062 " in line for line in words)
    [versus] = [line for line in words if line.startswith("isp -25.0 (")]
    assert " 0.062 " in versus
    assert "hard landing, reward -300, isp: isp" in "\n".join(lines)
    assert (
        "landerctl fly --pilot r/000001-gate --stage 2 --seed 0 --disperse default --only isp"
        in words
    )


def test_the_reference_pilot_alone_is_compared_with_nominal_only() -> None:
    text = table(result("reference"), "no")
    assert "minus reference" not in text and "policy" not in text
