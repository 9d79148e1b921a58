"""Commands that act: on a daemon that trains, on its state folder afterwards, or on a new one."""

from __future__ import annotations

from tests.docs.sandbox import Outcome

FIRST_START = "landerctl start --mode demo"
NEW_RUN = "Starting in the background: run "

# While it trains, in this order.
RUNNING = {
    "landerctl alerts": Outcome("CRITICAL disk-low: "),
    "landerctl alerts ack disk-low --note 'cleaning up'": Outcome("disk-low is acknowledged"),
    "landerctl alerts show disk-low": Outcome("CRITICAL disk-low"),
    "landerctl alerts silence 'stage-*' --for 8h": Outcome("alerts matching 'stage-"),
    "landerctl alerts unsilence 'stage-*'": Outcome("alerts matching 'stage-"),
    "landerctl alerts targets": Outcome("TARGET +"),
    "landerctl alerts test": Outcome("phone: "),
    "landerctl alerts test phone": Outcome("phone: "),
    "landerctl backup --pin": Outcome("0.* is backed up"),
    "landerctl start": Outcome(".*a daemon is already running", 5),
}
# Of another copy, in this order.
CHANGING = {
    "landerctl runs rename current slow-ramp": Outcome(".*is now slow-ramp"),
    "landerctl backup": Outcome("0.* is backed up"),
    "landerctl backup --note nightly >/dev/null": Outcome(""),
    "landerctl backup --pin --note 'before the new reward'": Outcome("0.* is backed up"),
    "landerctl backup --pin --note 'before the new reward weights'": Outcome("0.* is backed up"),
    "landerctl backup pin ID": Outcome("0.* of run .* is pinned"),
    "landerctl backup pin 000012-600000-gate --note 'the one in the paper'": Outcome(
        "0.* of run .* is pinned"
    ),
    "landerctl backup unpin ID": Outcome("0.* of run .* is not pinned"),
    "landerctl backup unpin 000012-600000-gate": Outcome("0.* of run .* is not pinned"),
    "landerctl backup export ID FILE": Outcome(".* exported to "),
    "landerctl backup export 000012-600000-gate gate.tar": Outcome(".* exported to "),
    "landerctl backup export RUN/000012-600000-gate /mnt/stick/gate.tar": Outcome(
        ".* exported to "
    ),
    "landerctl backup import FILE": Outcome(".* exists already, identical and whole"),
    "landerctl backup import gate.tar": Outcome(".* exists already, identical and whole"),
    "landerctl backup prune": Outcome(r"\d+ removed"),
    "landerctl backup prune --trust-clock": Outcome(r"\d+ removed"),
    "landerctl review": Outcome("daily review: "),
    "landerctl incident open 'power cut'": Outcome(r"\d{8}-\d{6} is open: power cut"),
    "landerctl incident close 20261129-064512 --cause 'a log that was never rotated'": Outcome(
        ".*no incident '20261129-064512'", 66
    ),
    "landerctl signoff team-trained --by 'Grace Hopper'": Outcome("team-trained: signed by Grace"),
    "landerctl signoff qa --by 'Ada Lovelace' --note 'tested on two machines'": Outcome(
        "qa: signed by Ada Lovelace"
    ),
    "landerctl signoff qa --by 'Ada Lovelace'": Outcome("qa: signed by Ada Lovelace"),
    "landerctl signoff qa --by 'Ada Lovelace' --withdraw": Outcome("qa: the signature is with"),
    "landerctl review daily": Outcome("daily review: "),
    "landerctl golive": Outcome("NO-GO: ", 2),
    "landerctl golive && ./deploy": Outcome("NO-GO: ", 2),
    "landerctl golive --override --why 'the launch window'": Outcome("NO-GO: ", 2),
    "landerctl note 'moved to the faster machine'": Outcome("Production notes of run "),
    "landerctl note": Outcome("Production notes of run "),
    "landerctl report --out report.html": Outcome("report.html"),
    "landerctl report --format md --out report.md": Outcome("report.md"),
    "landerctl report": Outcome(r".*/plots/report\.html$"),
    "landerctl report --format md": Outcome(r".*/plots/report\.md$"),
    "landerctl service install": Outcome(".*landerctl.service written"),
    "landerctl service uninstall": Outcome(".* removed"),
    "landerctl restore cloud": Outcome(
        "Run .* restored",
        instead="landerctl --home one --config state/config.toml restore cloud --yes --no-start",
    ),
    "landerctl restore TARGET": Outcome(
        ".*the run exists already", 1, "landerctl restore TARGET --yes"
    ),
    "landerctl restore /mnt/disk/landers --to 000012-600000-gate": Outcome(
        "Run .* restored",
        instead="landerctl --home two restore /mnt/disk/landers --to 000012-600000-gate --yes "
        "--no-start",
    ),
    "landerctl rollback": Outcome(".*--yes", 2),
    "landerctl rollback --to ID": Outcome(".*--yes", 2),
    "landerctl rollback --to last-good --dry-run": Outcome(" +steps +stage"),
    "landerctl rollback --to stage:3 --dry-run": Outcome(".*stage:3", 66),
    "landerctl rollback --to ID --yes": Outcome("Run .* is rolled back to 0"),
    "landerctl rollback --undo": Outcome(
        "Run .* is rolled back to 0", instead="landerctl rollback --undo --yes"
    ),
    "landerctl start --no-wait": Outcome(NEW_RUN),
    "landerctl stop && poweroff": Outcome("Stopped"),
    "landerctl stop && landerctl start --fresh": Outcome(
        ".*",
        instead="landerctl start --no-wait; landerctl stop && landerctl start --fresh --no-wait",
    ),
    "landerctl stop": Outcome("Stopped"),
}
# Each in a new home, and stopped before it trains.
STARTING = (
    "landerctl start --set alerts.disk-low.threshold=5 --set 'curriculum.stages[2].relief=0.5'",
    "landerctl start --algorithm sac",
    "landerctl start --fresh",
    "landerctl start --fresh --algorithm sac --n-envs 32",
    "landerctl start --fresh --warm-start reference",
    "landerctl start --mode standard --stage 3 --timesteps 20000000",
    "landerctl status >/dev/null || landerctl start",
)
# With few episodes and as fast as can be; each imports the simulation.
FLYING = {
    "landerctl evaluate 000012-600000-gate --stage 2": Outcome(
        "pilot ", instead="landerctl evaluate 000012-600000-gate --stage 2 --episodes 4"
    ),
    "landerctl evaluate quiet-crater/newest --stage 2": Outcome(
        "pilot ", instead="landerctl evaluate quiet-crater/newest --stage 2 --episodes 4"
    ),
    "landerctl evaluate best quiet-crater/best --episodes 500": Outcome(
        r"A +\S+/0",
        instead="landerctl evaluate newest quiet-crater/reference --episodes 4 --stage 2",
    ),
    "landerctl evaluate best reference --json | jq .success": Outcome(
        r"\{",
        instead="landerctl evaluate newest reference --json --episodes 4 --stage 2 | jq .success",
    ),
    "landerctl evaluate --pilot reference --episodes 500 --stage 5": Outcome(
        "pilot +reference", instead="landerctl evaluate --pilot reference --episodes 4 --stage 2"
    ),
    "landerctl export 000012-600000-gate lander.pt2 --force": Outcome("file +"),
    "landerctl fly --pilot 000012-600000-gate --stage 2 --seed 7": Outcome(r"T\+ +0.0 s"),
    "landerctl fly --pilot quiet-crater --stage 2": Outcome(r"T\+ +0.0 s"),
    "landerctl fly --stage 5 --speed 8 --save descent.csv": Outcome(
        r"T\+ +0.0 s", instead="landerctl fly --stage 5 --speed max --save descent.csv"
    ),
}
