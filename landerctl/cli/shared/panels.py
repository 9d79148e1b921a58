"""The panels of `landerctl --help`: each verb in one line, in the order of use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from typer.core import TyperGroup

RUN, WATCH, RECOVER, COMPARE, SWEEP = "Run", "Watch", "Recover", "Compare", "Sweep"
DECIDE, TRY_OUT = "Decide", "Try out"

# Each line fits a terminal of 80 columns; what a verb does in full is in its own help.
PANELS: Mapping[str, Mapping[str, str]] = {
    RUN: {
        "start": "Train in the background: a new run, or resume the last one.",
        "stop": "Save a checkpoint, then stop the trainer and the daemon.",
        "config": "Show, check, compare, migrate and edit the configuration.",
        "service": "Run the daemon as a systemd user service.",
    },
    WATCH: {
        "tui": "Show the run full-screen, and act on it by keys.",
        "status": "Show daemon, trainer, stage, speed, resources and alerts.",
        "check": "Check the health for cron and monitoring, by exit code.",
        "alerts": "List the alerts; acknowledge, silence and test them.",
        "events": "List events: stages, checkpoints, crashes, rollbacks, alerts.",
        "logs": "Show the logs of all processes as one, by time.",
        "watch": "Print a status line every few seconds, and important events.",
        "metrics": "List a run's metrics, or the values of one of them.",
        "plot": "Draw training curves, touchdowns and descents.",
        "episodes": "Show how training episodes ended, and which failed.",
        "tensorboard": "Show where TensorBoard is served, or serve it.",
        "web": "Show the screen in a browser.",
        "plugins": "List installed plugins: version, in use, disabled.",
        "tracking": "Show what an MLflow server has of the runs; send one now.",
    },
    RECOVER: {
        "backups": "List checkpoints and backups: what `rollback` can return to.",
        "backup": "Back up now; verify, prune, export and pin backups.",
        "rollback": "Go back to an earlier state and resume training from there.",
        "restore": "Restore a run from a copy of its backups, and resume it.",
    },
    COMPARE: {
        "runs": "List, compare, name and remove the runs of this state folder.",
    },
    SWEEP: {
        "sweep": "Train many settings side by side, and find the best.",
        "seeds": "Train one configuration with several seeds: real, or luck?",
    },
    DECIDE: {
        "preflight": "Check machine, software and settings before a deployment.",
        "checklist": "Judge every line of the production checklist.",
        "golive": "Decide GO or NO-GO, and say what to do next.",
        "burn-in": "Show how far the burn-in is, and what endangers it.",
        "drill": "Carry out procedures in scratch copies, and record findings.",
        "estimate": "Estimate when gates are passed and the training ends.",
        "benchmarks": "Show the checklist's benchmarks with this run's figures.",
        "review": "Review a span of the training against the one before it.",
        "incident": "List incidents; open one, and close it with its cause.",
        "note": "Show the run's production notes, or add one.",
        "signoff": "Sign for what only a person can say.",
        "report": "Write the verdict and its evidence into one file.",
    },
    TRY_OUT: {
        "fly": "Fly one episode and show it.",
        "film": "Film one episode.",
        "evaluate": "Fly episodes on evaluation seeds; report landing statistics.",
        "export": "Write a policy as ONNX, C, torch or SB3 file with a card.",
        "selftest": "Test the installation; takes a minute.",
        "version": "Print the version.",
    },
}


# Of Typer's own options, so that each has one line too.
COMPLETION_HELP = {
    "install_completion": "Install completion for this shell.",
    "show_completion": "Print completion for this shell.",
}


class Program(TyperGroup):
    """The verbs in the order of PANELS, which also gives their lines in lists and completions."""

    def __init__(self, *, commands: dict[str, Any], **settings: Any) -> None:
        lines = {verb: line for verbs in PANELS.values() for verb, line in verbs.items()}
        ordered = {verb: commands[verb] for verb in lines if verb in commands}
        for verb, command in ordered.items():
            command.short_help = lines[verb]
        super().__init__(commands=ordered | commands, **settings)
