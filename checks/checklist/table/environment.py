"""Phase 1: environment testing."""

from __future__ import annotations

from checks.checklist.model import Drill, Fixed, Group, Line, Phase

_DRILL = "landerctl drill environment"
_REWARD = "landerctl drill reward"
_PASS = "The named tests pass on this machine, with the sources of now."
_FLOWN = (
    "Of episodes flown in every stage, landings by the reference pilot, failures by random "
    "actions and without thrust:"
)


def _environment(
    name: str, text: str, measure: str, translated: str = "", thresholds: tuple[str, ...] = ()
) -> Line:
    judge = Drill("environment", name)
    return Line(f"environment.{name}", text, judge, measure, _DRILL, _DRILL, translated, thresholds)


def _reward(
    name: str, text: str, measure: str, translated: str = "", thresholds: tuple[str, ...] = ()
) -> Line:
    judge = Drill("reward", name)
    return Line(
        f"environment.{name}",
        text,
        judge,
        f"{_FLOWN} {measure}",
        _REWARD,
        _REWARD,
        translated,
        thresholds,
    )


def _fixed(name: str, text: str, measure: str, judge: Fixed, translated: str = "") -> Line:
    return Line(f"environment.{name}", text, judge, measure, _DRILL, _DRILL, translated)


_LIDAR = "tests/env/sensing/test_lidar.py"
_CONTACT = "tests/env/physics/test_contact.py"
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
                    "One lander of the configuration is created, reset and closed; its first "
                    "observation is within the stated ranges.",
                ),
                _environment(
                    "gymnasium-api",
                    "Gymnasium API validation passes",
                    "check_env of Gymnasium and of stable-baselines3, without a warning.",
                ),
                _environment(
                    "simulation-runs",
                    "Basilisk simulation runs without errors",
                    "One lander flies two episodes to their end, and the configured fleet 100 "
                    "steps in the last stage.",
                ),
                _environment(
                    "trains",
                    "Model training completes 5,000 steps",
                    "A training of at least 5,000 environment steps, with at most 8 landers, "
                    "ends; its last checkpoint agrees with its digests.",
                ),
            ),
        ),
        Group(
            "Verify all critical features are implemented",
            (
                _fixed(
                    "lidar-size",
                    "Observation size validation in `_process_lidar_azimuthal()`",
                    _PASS,
                    Fixed(
                        (
                            f"{_LIDAR}::test_profile_checks_its_sizes",
                            f"{_LIDAR}::test_profile_without_returns",
                            f"{_LIDAR}::test_profile_of_level_ground_and_of_a_slope",
                        ),
                        ("env/sensing/lidar.py",),
                    ),
                    "The LiDAR's code is env/sensing/lidar.py; the sizes of its input and output "
                    "are checked there.",
                ),
                _environment(
                    "normaliser-validated",
                    "VecNormalize state validation during curriculum load",
                    "A checkpoint whose VecNormalize statistics are of other observations, have a "
                    "negative variance or a NaN, or are missing, is refused at load, and its "
                    "intact original is not; after one with a changed byte the next older one is "
                    "used.",
                    "The statistics are part of each checkpoint, stored as plain arrays; nothing "
                    "is unpickled.",
                ),
                _environment(
                    "reset-sequence",
                    "Reset sequence timing (setState before InitializeSimulation)",
                    "In the first and the last stage: two resets with one seed give the same "
                    "first observation and the same 200 steps, to the bit, another seed gives "
                    "another start, and the altitude right after a reset is within the stage's "
                    "range.",
                    "One simulation hosts all landers and is initialised once; states are written "
                    "between its steps. What the rule protects, a reset that takes effect at "
                    "once, is measured.",
                ),
                _environment(
                    "import-errors",
                    "Basilisk import error handling with helpful messages",
                    "A process in which Basilisk cannot be found fails, and prints one line that "
                    "says what to install.",
                ),
                _environment(
                    "stage-thresholds",
                    "Stage-specific success rate thresholds (40%-65%)",
                    "The success rates of the configured gates, stage by stage, are at least "
                    "{stage_success_rates}.",
                    thresholds=("stage_success_rates",),
                ),
                _environment(
                    "curriculum-validated",
                    "Curriculum state validation in `_load_training_state()`",
                    "A checkpoint whose training state has a stage or a ramp step that does not "
                    "exist, or more successes than episodes, or is missing, is refused at load, "
                    "and its intact original is not; after one with a changed byte the next older "
                    "one is used.",
                    "Training state and curriculum are training_state.json, part of each "
                    "checkpoint.",
                ),
                _fixed(
                    "terrain-contact",
                    "Terrain contact optimization (10m early exit)",
                    _PASS,
                    Fixed(
                        (f"{_CONTACT}::test_skipping_contact_far_from_the_ground_changes_no_bit",),
                        ("env/physics/contact.py", "env/terrain/bounds.py"),
                    ),
                    "Contact is skipped while no foot can reach the ground, by the terrain's "
                    "steepest slope; the test shows that this changes no bit of a flight.",
                ),
                _environment(
                    "timeouts-logged",
                    "Episode timeout logging for debugging",
                    "Four landers that hover until a time limit of 20 s end there with the "
                    "outcome `timeout`, and the log of episodes lists each of them.",
                    "Each episode's outcome is counted, and failed ones are listed by `landerctl "
                    "episodes`.",
                ),
                _environment(
                    "close-frees",
                    "Enhanced memory cleanup in `close()` method",
                    "Resident memory after a fleet of 128 landers was created, reset and closed "
                    "30 times is at most 5% more than after 10 times.",
                ),
            ),
        ),
        Group(
            "Test edge cases",
            (
                _environment(
                    "single",
                    "Single environment works correctly",
                    "A fleet of 1 lander flies 200 steps of random actions; all observations and "
                    "rewards are finite.",
                ),
                _environment(
                    "parallel",
                    "Parallel environments (4+) work without crashes",
                    "Fleets of 4 and of 128 landers fly 200 steps of random actions; all "
                    "observations and rewards are finite.",
                ),
                _environment(
                    "memory-flat",
                    "No memory leaks detected (monitor with Task Manager)",
                    "Resident memory after every 20 of 2,000 resets of the configured fleet, each "
                    "with a step: the slope of the last three quarters by least squares, and its "
                    "95% interval by Student's t. The interval's upper end, times their length, "
                    "is at most 2% of the memory.",
                ),
            ),
        ),
        Group(
            "Validate reward function",
            (
                _reward(
                    "terminal-scale",
                    "Terminal rewards scale correctly (±1000)",
                    "each landing earns {terminal_reward:g} and bonuses from 0 to at most as much "
                    "again, each failure costs more than 0 and at most {terminal_reward:g}. At "
                    "least 20 of each.",
                    "A failure costs 120 to 530, by its kind and severity; the bonuses of a "
                    "landing are at most 600.",
                    ("terminal_reward",),
                ),
                _reward(
                    "shaping-range",
                    "Shaping rewards in 0-5 range",
                    "the mean of all steps' absolute shaping is at most {shaping_reward:g}; no "
                    "step's shaping, and no episode's sum, exceeds the potential's range (500).",
                    "Shaping is the change of a potential from step to step: negative where a "
                    "step makes matters worse, and along any path it sums to the last value minus "
                    "the first. Single steps, such as an engine's start, change it by more than 5.",
                    ("shaping_reward",),
                ),
                _reward(
                    "fuel-on-success",
                    "Fuel efficiency bonus only awarded on success",
                    "every failure's fuel bonus is 0, that of every landing with propellant left "
                    "is above 0. At least 20 of each.",
                ),
                _reward(
                    "success-criteria",
                    "Success criteria match documentation (altitude < 5m, vel < 3 m/s)",
                    "each landing stands below {landing_altitude_m:g} m, touched down below "
                    "{landing_speed_m_s:g} m/s, and is within 20 m of the pad; each hard landing "
                    "was faster, each one off target farther away. At least 20 landings and 20 "
                    "failures.",
                    "A landing is a craft at rest on its legs, so its altitude is about 0; the "
                    "speed is that of the fastest foot at the first contact.",
                    ("landing_altitude_m", "landing_speed_m_s"),
                ),
            ),
        ),
    ),
)
