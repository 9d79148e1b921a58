"""Production configuration: hardware, software, configuration file, backups."""

from __future__ import annotations

from checks.checklist.model import Drill, Group, Line, Live, Phase

_PREFLIGHT = "landerctl preflight"
_BACKUP = "landerctl drill backup"


def _hardware(name: str, text: str, measure: str, *thresholds: str, translated: str = "") -> Line:
    return Line(
        f"hardware.{name}",
        text,
        Live(),
        measure,
        "use a larger machine, or go on: it is a recommendation",
        _PREFLIGHT,
        translated,
        thresholds=thresholds,
        required=False,
    )


def _software(name: str, text: str, measure: str, translated: str = "") -> Line:
    remedy = "install again: `make clean run`"
    return Line(f"software.{name}", text, Live(), measure, remedy, _PREFLIGHT, translated)


def _kept(name: str, text: str, measure: str, translated: str = "") -> Line:
    judge = Drill("backup", name, ("version", "machine", "settings"))
    return Line(f"backup.{name}", text, judge, measure, _BACKUP, _BACKUP, translated)


HARDWARE = Phase(
    "hardware",
    "Hardware Requirements",
    (
        Group(
            "Minimum specifications verified",
            (
                _hardware(
                    "cores",
                    "CPU: 8+ cores (Intel i7/AMD Ryzen 7 or better)",
                    "Cores that this process may use, within the container's limit: at least "
                    "{cores}.",
                    "cores",
                    translated="One simulation flies all landers: on two cores it is as fast as "
                    "the "
                    "document expects of eight.",
                ),
                _hardware(
                    "memory",
                    "RAM: 16GB+ (32GB recommended for 8+ parallel envs)",
                    "Memory of the machine, or the container's limit: at least {memory_gb:g} GB.",
                    "memory_gb",
                ),
                _hardware(
                    "disk",
                    "Storage: 50GB+ free space for checkpoints/logs",
                    "Free space of the state folder's file system: at least {disk_gb:g} GB.",
                    "disk_gb",
                ),
                _hardware(
                    "gpu",
                    "GPU: Optional (CPU training is default)",
                    "run.device is the CPU, or a driver of that device is there.",
                ),
            ),
        ),
    ),
)
SOFTWARE = Phase(
    "software",
    "Software Dependencies",
    (
        Group(
            "Python environment configured",
            (
                _software(
                    "python",
                    "Python 3.8 or higher",
                    "Version of the interpreter: within `requires-python` of the package.",
                    "This version needs a newer Python than 3.8.",
                ),
                _software(
                    "stable-baselines3",
                    "stable-baselines3[extra] installed",
                    "Installed version: the one that was tested (constraints.txt).",
                    "Of the extra packages only those that are used are installed.",
                ),
                _software(
                    "gymnasium",
                    "gymnasium installed",
                    "Installed version: the one that was tested.",
                ),
                _software(
                    "numpy",
                    "numpy, matplotlib, tensorboard installed",
                    "Installed versions: those that were tested.",
                ),
                _software(
                    "basilisk",
                    "Basilisk built in `./basilisk/dist3/`",
                    "Installed version of `bsk`: the one that was tested.",
                    "Basilisk is the package bsk of PyPI, so nothing is built here.",
                ),
            ),
        ),
        Group(
            "Create production config file",
            (
                Line(
                    "software.config",
                    "Create `production_config.json` with optimal settings:",
                    Live(),
                    "The configuration in use is valid; each setting of [run] to [evaluation] that "
                    "differs from the tested defaults is named.",
                    "correct the lines that `landerctl preflight` names",
                    _PREFLIGHT,
                    "The file is config.toml; its defaults are the tested settings.",
                ),
            ),
        ),
    ),
)
BACKUP = Phase(
    "backup",
    "Backup Strategy",
    (
        Group(
            "Configure automated backups",
            (
                Line(
                    "backup.cloud",
                    "Checkpoint files backed up to cloud storage (every 50k steps)",
                    Live(),
                    "At least one of [[backup.targets]]; backup.automatic contains interval "
                    "checkpoints, and checkpoints.interval_steps is at most {checkpoint_steps}; "
                    "no target lacks a backup (`backup/unsent`) for more than "
                    "{offsite_delay_s:g} s.",
                    "add [[backup.targets]] to the configuration, see docs/offsite.md",
                    "landerctl events --name 'backup.*'",
                    thresholds=("checkpoint_steps", "offsite_delay_s"),
                ),
                _kept(
                    "normaliser-kept",
                    "VecNormalize stats backed up with models",
                    "A backup of a small training, made by `landerctl backup` and verified, "
                    "contains vecnormalize.npz and .pkl with the digests of the manifest.",
                ),
                _kept(
                    "state-kept",
                    "Training state JSON/pickle files backed up",
                    "The same backup contains training_state.json and fleet.npz with the digests "
                    "of the manifest.",
                ),
                Line(
                    "backup.tensorboard",
                    "TensorBoard logs archived daily",
                    Live(),
                    "The newest copy of the run's TensorBoard files is at most "
                    "{tensorboard_copy_h:g} h older than the newest file.",
                    "see `landerctl check backup`",
                    "landerctl backups",
                    thresholds=("tensorboard_copy_h",),
                ),
                Line(
                    "backup.retention",
                    "Retention policy: 30 days for checkpoints, 90 days for final models",
                    Live(),
                    "backup.keep_days is at least {backup_keep_days:g} and backup.keep_final_days "
                    "at least {backup_keep_final_days:g}.",
                    "raise backup.keep_days and backup.keep_final_days",
                    "landerctl backup prune --dry-run",
                    thresholds=("backup_keep_days", "backup_keep_final_days"),
                ),
            ),
        ),
    ),
)
