"""Phase 1: environment testing."""

from __future__ import annotations

from checks.checklist.model import Drill, Fixed, Group, Line, Phase

_DRILL = "landerctl drill environment"
_REWARD = "landerctl drill reward"


def _environment(name: str, text: str, measure: str, translated: str = "") -> Line:
    judge = Drill("environment", name)
    return Line(f"environment.{name}", text, judge, measure, _DRILL, _DRILL, translated)


def _reward(name: str, text: str, measure: str, translated: str = "") -> Line:
    judge = Drill("reward", name)
    return Line(f"environment.{name}", text, judge, measure, _REWARD, _REWARD, translated)


def _fixed(name: str, text: str, measure: str, judge: Fixed, translated: str = "") -> Line:
    return Line(f"environment.{name}", text, judge, measure, _DRILL, _DRILL, translated)


PHASE = Phase(
    "environment",
    "Phase 1: Environment Testing (1-2 hours)",
    (
        Group(
            "Run quick environment test",
            (
                _environment(
                    "creates",
                    "Environment creates successfully",
                    "The environment of the configuration is created, reset and closed.",
                ),
                _environment(
                    "gymnasium-api",
                    "Gymnasium API validation passes",
                    "check_env of Gymnasium and of stable-baselines3, without a warning.",
                ),
                _environment(
                    "simulation-runs",
                    "Basilisk simulation runs without errors",
                    "Two episodes fly to their end, and a fleet of run.n_envs landers 100 steps.",
                ),
                _environment(
                    "trains",
                    "Model training completes 5,000 steps",
                    "A training of 5,000 environment steps ends and leaves a whole checkpoint.",
                ),
            ),
        ),
        Group(
            "Verify all critical features are implemented",
            (
                _fixed(
                    "lidar-size",
                    "Observation size validation in `_process_lidar_azimuthal()`",
                    "The named tests pass on this machine, with the sources of now.",
                    Fixed(("tests/env/sensing",), ("env/sensing", "tests/env/sensing")),
                    "The LiDAR's code is env/sensing/lidar.py; its output's size is checked there.",
                ),
                _environment(
                    "normaliser-validated",
                    "VecNormalize state validation during curriculum load",
                    "A checkpoint whose VecNormalize statistics do not fit is refused at load.",
                    "A checkpoint's manifest vouches for the statistics; a damaged or foreign "
                    "one is refused.",
                ),
                _environment(
                    "reset-sequence",
                    "Reset sequence timing (setState before InitializeSimulation)",
                    "Two resets with one seed give the same first observation and the same flight, "
                    "to the bit.",
                    "One simulation hosts all landers and is initialised once; states are written "
                    "between its steps. What the rule protects, a reset that takes effect at once, "
                    "is measured.",
                ),
                _environment(
                    "import-errors",
                    "Basilisk import error handling with helpful messages",
                    "A process in which Basilisk cannot be imported says in one line what to "
                    "install.",
                ),
                _environment(
                    "stage-thresholds",
                    "Stage-specific success rate thresholds (40%-65%)",
                    "The gates of the configured stages are at least {stage_success_rates}.",
                ),
                _environment(
                    "curriculum-validated",
                    "Curriculum state validation in `_load_training_state()`",
                    "A training state with an impossible stage is refused at load, and the next "
                    "older checkpoint is used.",
                ),
                _fixed(
                    "terrain-contact",
                    "Terrain contact optimization (10m early exit)",
                    "The named tests pass on this machine, with the sources of now.",
                    Fixed(("tests/env/physics",), ("env/physics", "tests/env/physics")),
                    "Contact is not computed for a lander that is above the terrain's reach.",
                ),
                _environment(
                    "timeouts-logged",
                    "Episode timeout logging for debugging",
                    "A lander that only hovers ends by the time limit; the outcome is `timeout`.",
                    "Each episode's outcome is counted, and failed ones are listed by "
                    "`landerctl episodes`.",
                ),
                _environment(
                    "close-frees",
                    "Enhanced memory cleanup in `close()` method",
                    "Resident memory after the 10th and after the 30th time that an environment is "
                    "created and closed: at most 5% more.",
                ),
            ),
        ),
        Group(
            "Test edge cases",
            (
                _environment(
                    "single",
                    "Single environment works correctly",
                    "A fleet of 1 lander flies 200 steps; all numbers are finite.",
                ),
                _environment(
                    "parallel",
                    "Parallel environments (4+) work without crashes",
                    "Fleets of 4 and of 128 landers fly 200 steps; all numbers are finite.",
                ),
                _environment(
                    "memory-flat",
                    "No memory leaks detected (monitor with Task Manager)",
                    "Resident memory over 2,000 resets: the upper 95% limit of the slope of the "
                    "last "
                    "three quarters, over all of them, is at most 2%.",
                ),
            ),
        ),
        Group(
            "Validate reward function",
            (
                _reward(
                    "terminal-scale",
                    "Terminal rewards scale correctly (±1000)",
                    "Of flown episodes: each landing's reward for landing is 1,000 plus its "
                    "bonuses, "
                    "at most 2,000; each failure's penalty is negative, at most 1,000.",
                ),
                _reward(
                    "shaping-range",
                    "Shaping rewards in 0-5 range",
                    "Of flown episodes: no step's shaping is beyond its stated bound, and its sum "
                    "over an episode is bounded.",
                    "Shaping is a difference of potentials: it is negative where a step makes "
                    "matters "
                    "worse, and its sum cannot be raised by any path.",
                ),
                _reward(
                    "fuel-on-success",
                    "Fuel efficiency bonus only awarded on success",
                    "Of flown episodes, at least 20 landings and 20 failures: every failure's fuel "
                    "bonus is 0, some landing's is above 0.",
                ),
                _reward(
                    "success-criteria",
                    "Success criteria match documentation (altitude < 5m, vel < 3 m/s)",
                    "Of flown episodes: each landing stands, touched down below 3 m/s and "
                    "within the "
                    "pad.",
                    "A landing is a craft that stands at rest on its legs, so its altitude is "
                    "0; the "
                    "speed is that of the fastest touchdown of any foot.",
                ),
            ),
        ),
    ),
)
