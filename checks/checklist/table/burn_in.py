"""Phase 2: burn-in testing."""

from __future__ import annotations

from checks.checklist.model import Drill, Group, Line, Live, Phase

_BURN_IN = "landerctl burn-in"
_RESUME = "landerctl drill resume"
_HOURS = ("burn_in_h", "crash_free_h")
_WINDOW = "an hour (an eighth of the burn-in, if that is less)"
_SETTLED = "without the first hour of each process (an eighth of the burn-in, if that is less)"
_SLOPE = (
    "upper limit of the 95% interval of the seasonal Kendall slope of medians over 1/144 of the "
    "burn-in, widened by their autocorrelation,"
)


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
        f"Success rate at the newest pass of the gate of stage {stage}, by the mean action over "
        "`curriculum.confirm_episodes` evaluation seeds, as recorded in `stage.passed`: at least "
        f"number {stage} of {{stage_success_rates}}.",
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
                    "Training time since the last crash or hang of the trainer or death of the "
                    "daemon, of one run, version and configuration: at least {crash_free_h:g} h, "
                    "or {burn_in_h:g} h if that is less.",
                    *_HOURS,
                    translated="Time counts while it trains: a stop by the operator, a suspended "
                    "machine and a stopped process pause it.",
                ),
                _live(
                    "memory-stable",
                    "Memory usage remains stable (< 2GB per environment)",
                    "`memory/trainer_bytes` over the burn-in, "
                    f"{_SETTLED}: {_SLOPE} "
                    "at most {memory_growth_gb_per_day:g} GB a day; and the largest "
                    "`memory/lander_mb` at most {memory_per_lander_mb:g} MB.",
                    *_HOURS,
                    "memory_growth_gb_per_day",
                    "memory_per_lander_mb",
                    translated="All landers share one process; its memory is divided by their "
                    "number.",
                ),
                _live(
                    "descriptors",
                    "No file descriptor leaks",
                    "`process/trainer_descriptors` and `process/trainer_threads` over the "
                    f"burn-in, {_SETTLED}: {_SLOPE} "
                    "at most {descriptor_growth_per_day:g} a day.",
                    *_HOURS,
                    "descriptor_growth_per_day",
                ),
                _live(
                    "checkpoints",
                    "Checkpoints save correctly every 50k steps",
                    "`checkpoint/distance_steps` of each session of the burn-in: at most "
                    "{checkpoint_steps} steps and one rollout (`run.n_envs` times `ppo.n_steps`); "
                    "no `checkpoint.failed`; the newest one has all its files in full length.",
                    *_HOURS,
                    "checkpoint_steps",
                    remedy="lower checkpoints.interval_steps in a new run, or see "
                    "`landerctl events --name 'checkpoint.*'`",
                    translated="A checkpoint is saved at the end of the rollout in which it is "
                    "due.",
                ),
                _live(
                    "tensorboard",
                    "TensorBoard logs are accessible and complete",
                    "Every session of the burn-in has an event file, written until 180 s before "
                    "its end or later; the daemon's server answers over HTTP within 2 s, and its "
                    "newest `time/trained_s` is at most 300 s of training behind the newest "
                    "heartbeat.",
                    *_HOURS,
                    remedy="set tensorboard.enabled = true, then restart the daemon; "
                    "`landerctl status` says why it is not served",
                ),
            ),
        ),
        Group(
            "Monitor system resources",
            (
                _live(
                    "cpu",
                    "CPU usage reasonable (< 90% sustained)",
                    f"`cpu/machine_percent` over the burn-in: the largest mean of {_WINDOW} of a "
                    "session is below {cpu_percent:g}%.",
                    *_HOURS,
                    "cpu_percent",
                    remedy="lower fleet.threads, or stop other programs",
                ),
                _live(
                    "growth-linear",
                    "Memory growth is linear, not exponential",
                    f"`memory/trainer_bytes` of each session of the burn-in, {_SETTLED}, medians "
                    "over 1/144 of the burn-in: an exponential's AIC is not 10 or more below both "
                    "that of a line and that of one jump (n reduced by the residuals' "
                    "autocorrelation), or the growth is below 1%.",
                    *_HOURS,
                ),
                _live(
                    "disk-io",
                    "Disk I/O remains manageable",
                    f"`disk/write_mb_s` over the burn-in: the largest mean of {_WINDOW} of a "
                    "session is below {disk_write_mb_s:g} MB/s.",
                    *_HOURS,
                    "disk_write_mb_s",
                ),
                _live(
                    "zombies",
                    "No zombie processes",
                    "`process/zombies` over the burn-in: never above 0 at all samples of more "
                    "than 60 s.",
                    *_HOURS,
                    remedy="landerctl events; report it",
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
                    "Mean reward at the newest pass of each stage's gate, over the same episodes "
                    "as its success rate: at least {stage_mean_rewards}.",
                    "stage_mean_rewards",
                ),
                _live(
                    "normaliser-persists",
                    "VecNormalize stats persist across stages",
                    "The count of observations in `vecnormalize.npz` of each stage's newest gate "
                    "checkpoint is larger than that of the stage before, or equal where a clone "
                    "passed both before its training; of all stages of the run, at least two.",
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
                    "step of its ramp: Welch's 95% interval contains 0, or is above it. Where it "
                    "is below, learning did it if that of the difference to the uninterrupted "
                    "twin's mean at the same step is not.",
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
