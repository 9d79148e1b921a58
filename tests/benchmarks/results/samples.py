"""Records as trainings leave them, with no training behind them."""

from __future__ import annotations

from benchmarks.results.flights import Flights
from benchmarks.results.record import Gate, RunResult
from daemon.protocol.flight import REFERENCE
from daemon.runs.dispersion.record import DispersedResult, Figures, FlownCase
from daemon.runs.evaluations import EvaluationResult, Provenance
from daemon.runs.statistics.intervals import Interval, mean_interval, wilson_interval

PROVENANCE = Provenance(fingerprint="f", policy="p", environment="e", code="c", versions={})


def run_result(
    name: str, seed: int, *, gates: tuple[int, ...] = (1, 2), environment: str = "2"
) -> RunResult:
    """A training that passed these gates, one every million steps times its seed."""
    return RunResult(
        name=name,
        algorithm="ppo",
        seed=seed,
        mode="curriculum",
        settings="",
        n_envs=128,
        timesteps=10_000_000,
        trained_s=3600.0,
        steps_per_s=10_000.0,
        gates=[Gate(stage, stage * seed * 1_000_000, 60.0 * stage, 0.9, 1300.0) for stage in gates],
        final=None,
        pilot=None,
        kills=[],
        cpu="a CPU",
        cores=1,
        versions={"environment": environment},
        note="",
    )


def flights(outcomes: tuple[str, ...], *, miss_m: float = 3.0, fuel_left: float = 0.5) -> Flights:
    """All landed `miss_m` from the pad, with this share of their propellant left."""
    landed = outcomes.count("landed")
    figure = Interval(miss_m, None, None)
    count = len(outcomes)
    result = EvaluationResult(
        run_id="run-1",
        pilot="000012-600000-best",
        created_s=1e9,
        vehicle="starship-hls",
        stage=5,
        stage_name="powered descent",
        episodes=count,
        first_seed=500,
        outcomes={name: outcomes.count(name) for name in dict.fromkeys(outcomes)},
        success_rate=wilson_interval(landed, count),
        reward=mean_interval([1200.0] * count),
        episode_steps=mean_interval([2000.0] * count),
        roughness=mean_interval([0.01] * count),
        soft_landings=wilson_interval(landed, landed),
        distance_m=figure,
        touchdown_speed_m_s=mean_interval([1.0] * landed),
        touchdown_tilt_deg=mean_interval([2.0] * landed),
        fuel_left=mean_interval([fuel_left] * landed),
        provenance=PROVENANCE,
    )
    return Flights(
        result=result,
        outcomes=list(outcomes),
        reward=[1200.0] * count,
        x_m=[miss_m] * count,
        y_m=[0.0] * count,
        touchdown_speed_m_s=[1.0] * count,
        touchdown_tilt_deg=[2.0] * count,
        fuel_left=[fuel_left] * count,
        descents=[],
    )


def dispersed(landed: int, miss_m: float) -> DispersedResult:
    """Ten episodes of one case; the pilot lands all, a metre from the pad."""

    def figures(count: int, distance_m: float) -> Figures:
        return Figures(
            outcomes={"landed": count, "crashed": 10 - count},
            success_rate=wilson_interval(count, 10),
            touchdown_speed_m_s=None,
            distance_m=Interval(distance_m, None, None),
            fuel_left=None,
        )

    both = {"best": figures(landed, miss_m), REFERENCE: figures(10, 1.0)}
    return DispersedResult(
        run_id="run-1",
        pilot="best",
        created_s=1e9,
        flown_s=60.0,
        vehicle="starship-hls",
        stage=5,
        stage_name="powered descent",
        episodes=10,
        first_seed=500,
        file=None,
        dispersions={},
        cases=[FlownCase(case="thrust", figures=both, to_nominal={}, to_reference=None)],
        worst=[],
    )
