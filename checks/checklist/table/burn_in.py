"""Phase 2: burn-in testing."""

from __future__ import annotations

from checks.checklist.model import Drill, Group, Line, Live, Phase

_BURN_IN = "landerctl burn-in"
_RESUME = "landerctl drill resume"


def _live(
    name: str,
    text: str,
    measure: str,
    *thresholds: str,
    remedy: str = _BURN_IN,
    translated: str = "",
) -> Line:
    return Line(
        f"burn-in.{name}",
        text,
        Live(),
        measure,
        remedy,
        _BURN_IN,
        translated,
        thresholds=thresholds,
    )


def _gate(stage: int, text: str) -> Line:
    return Line(
        f"burn-in.stage-{stage}",
        text,
        Live(),
        f"The success rate of the last `curriculum.window_episodes` episodes at the gate of stage "
        f"{stage}, as recorded in `stage.passed`, is at least number {stage} of "
        "{stage_success_rates}.",
        "let it train, or see `landerctl plot`",
        "landerctl events --name stage.passed",
        thresholds=("stage_success_rates",),
    )


def _resume(name: str, text: str, measure: str, translated: str = "") -> Line:
    judge = Drill("resume", name)
    return Line(
        f"burn-in.{name}",
        text,
        judge,
        measure,
        _RESUME,
        _RESUME,
        translated,
        thresholds=("resume_episodes",) if "{resume_episodes}" in measure else (),
    )


PHASE = Phase(
    "burn-in",
    "Phase 2: Burn-In Testing (48-72 hours)",
    (
        Group(
            "Run extended training session",
            (
                _live(
                    "no-crashes",
                    "Training runs for 48+ hours without crashes",
                    "Training time since the last crash, hang or death of the daemon, of one "
                    "version "
                    "and configuration: at least {crash_free_h:g} h.",
                    "crash_free_h",
                    translated="Time counts while it trains; a stop by the operator pauses it.",
                ),
                _live(
                    "memory-stable",
                    "Memory usage remains stable (< 2GB per environment)",
                    "`memory/trainer_bytes` over the burn-in, without the first hour of each "
                    "process: "
                    "upper 95% limit of the slope at most {memory_growth_gb_per_day:g} GB/day, and "
                    "`memory/lander_mb` never above {memory_per_lander_mb:g} MB.",
                    "memory_growth_gb_per_day",
                    "memory_per_lander_mb",
                    translated="All landers share one process; its memory is divided by their "
                    "number.",
                ),
                _live(
                    "descriptors",
                    "No file descriptor leaks",
                    "`process/trainer_descriptors` and `process/trainer_threads` over the burn-in: "
                    "upper 95% limit of each slope at most {descriptor_growth_per_day:g} a day.",
                    "descriptor_growth_per_day",
                ),
                _live(
                    "checkpoints",
                    "Checkpoints save correctly every 50k steps",
                    "Largest distance of two consecutive checkpoints of the burn-in: at most "
                    "{checkpoint_steps} steps and one rollout; none failed; the newest is whole.",
                    "checkpoint_steps",
                ),
                _live(
                    "tensorboard",
                    "TensorBoard logs are accessible and complete",
                    "The event files cover every session of the burn-in, and the server answers "
                    "over "
                    "HTTP with the run's newest scalar.",
                    remedy="set tensorboard.enabled = true, then restart the daemon",
                ),
            ),
        ),
        Group(
            "Monitor system resources",
            (
                _live(
                    "cpu",
                    "CPU usage reasonable (< 90% sustained)",
                    "`cpu/machine_percent` over the burn-in: the largest mean of an hour is below "
                    "{cpu_percent:g}%.",
                    "cpu_percent",
                    remedy="lower fleet.threads, or stop other programs",
                ),
                _live(
                    "growth-linear",
                    "Memory growth is linear, not exponential",
                    "Two fits of `memory/trainer_bytes` over the burn-in, linear and "
                    "exponential: the "
                    "exponential one does not explain it better (difference of AIC below 10), or "
                    "there is no growth.",
                ),
                _live(
                    "disk-io",
                    "Disk I/O remains manageable",
                    "`disk/write_mb_s` over the burn-in: the largest mean of an hour is at most "
                    "{disk_write_mb_s:g} MB/s.",
                    "disk_write_mb_s",
                ),
                _live(
                    "zombies",
                    "No zombie processes",
                    "`process/zombies` over the burn-in: never above 0 for more than a minute.",
                ),
            ),
        ),
        Group(
            "Validate curriculum progression",
            (
                _gate(1, "Stage 1 achieves 40%+ success rate"),
                _gate(2, "Stage 2 achieves 50%+ success rate"),
                _gate(3, "Stage 3 achieves 55%+ success rate"),
                _gate(4, "Stage 4 achieves 60%+ success rate"),
                _gate(5, "Stage 5 achieves 65%+ success rate"),
                _live(
                    "mean-rewards",
                    "Mean rewards meet thresholds (400, 600, 700, 800, 900)",
                    "The mean reward at the gate of each stage is at least {stage_mean_rewards}.",
                    "stage_mean_rewards",
                ),
                _live(
                    "normaliser-persists",
                    "VecNormalize stats persist across stages",
                    "The count of observations in the VecNormalize statistics grows from each "
                    "gate's "
                    "checkpoint to the next: none begins anew.",
                ),
            ),
        ),
        Group(
            "Test resume functionality",
            (
                _resume(
                    "interrupted",
                    "Interrupt training mid-stage (Ctrl+C)",
                    "SIGINT to the daemon of a small training, after {resume_episodes} episodes in "
                    "the middle of a stage: a checkpoint of kind stop, every digest right; exit "
                    "code 0.",
                ),
                _resume(
                    "resumes",
                    "Resume with `--mode curriculum --resume`",
                    "The next start resumes from that checkpoint. {resume_episodes} episodes or "
                    "more later parameters, optimizer, statistics, fleet and random numbers equal "
                    "those of an uninterrupted twin at the same step, bit for bit.",
                    "`landerctl start` resumes by itself.",
                ),
                _resume(
                    "right-stage",
                    "Training continues from correct stage",
                    "Stage and step of its ramp in the first report after the resume are those of "
                    "the checkpoint; it is not the first stage, where the configuration has more.",
                ),
                _resume(
                    "reward-continuous",
                    "Reward trends remain continuous",
                    "Mean reward of the last {resume_episodes} training episodes, all after the "
                    "resume, minus that of the {resume_episodes} before it, of the same stage and "
                    "step of its ramp: Welch's 95% interval contains 0, or is above it.",
                ),
                _resume(
                    "no-worse",
                    "Model performance doesn't degrade",
                    "The resumed policy and the uninterrupted twin's, after the same number of "
                    "steps, fly the same {resume_episodes} evaluation seeds: no fewer landings, "
                    "and the 95% interval (Student's t) of the mean difference of reward by seed "
                    "contains 0, or is above it.",
                ),
            ),
        ),
    ),
)
