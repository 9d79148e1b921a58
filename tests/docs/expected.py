"""What each documented command prints first and how it ends, on a demo training's state folder.

A command in a document that is in none of these tables fails the test: add it here.
"""

from __future__ import annotations

from tests.daemon.harness import ROOT
from tests.docs.sandbox import Outcome

VERDICT = "LANDERCTL (OK|WARNING|CRITICAL|UNKNOWN) - "
DATE = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d "
LOGGED = r"\d{4}-\d\d-\d\d |\s+[A-Z]+ +[a-z]"
FIRST_START = "landerctl start --mode demo"
NEW_RUN = "Starting in the background: run "
NO_SWEEP = ".*no (such )?sweep"
NO_SUCH_RUN = ".*no (such )?run"
PLOTTED = r".*\.(png|svg)$"

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
# Of a stopped home. They change nothing there, so several run at once.
READING = {
    "landerctl start --from current --set ppo.clip_range=0.1 --dry-run": Outcome("Fork of "),
    "landerctl status": Outcome("daemon +stopped", 3),
    "landerctl status --json": Outcome(r"\{", 3),
    "landerctl status --json | jq .status.progress.success_rate": Outcome(r"[0-9.]+|null", 3),
    "landerctl status --json | jq .status.trainer.pid": Outcome(r"\d+|null", 3),
    "landerctl status --at 'yesterday 22:00'": Outcome(".*nothing is recorded before", 4),
    "landerctl status --at 2h": Outcome(".*nothing is recorded before", 4),
    "landerctl check": Outcome(VERDICT, 2),
    "landerctl check --quiet": Outcome(VERDICT, 2),
    "landerctl check --quiet --home /data/landerctl": Outcome(VERDICT, 2),
    "landerctl check --quiet --ping": Outcome(VERDICT, 2),
    "landerctl check --quiet daemon trainer disk store": Outcome(VERDICT, 2),
    "landerctl check --quiet || mail -s 'lander in trouble' me@example.org": Outcome(VERDICT),
    "landerctl check daemon trainer store": Outcome(VERDICT, 1),
    "landerctl check backup": Outcome("LANDERCTL OK - backup: "),
    "landerctl check clock": Outcome("LANDERCTL OK - clock: "),
    "landerctl check disk memory": Outcome(VERDICT, 2),
    "landerctl plugins": Outcome("No plugin is installed"),
    "landerctl plugins --json | jq '.[] | select(.state == \"disabled\")'": Outcome(""),
    "landerctl config show": Outcome("run.mode = "),
    "landerctl config show ppo --run current": Outcome("ppo.learning_rate = "),
    "landerctl start --dry-run": Outcome("(Resuming|A new) run|Run .* is completed"),
    "landerctl config show ppo": Outcome("ppo.learning_rate = "),
    "landerctl config show ppo.desired_kl": Outcome("ppo.desired_kl = "),
    "landerctl config show ppo.desired_kl --json": Outcome(r"\[\{"),
    "landerctl config show --changed --origin": Outcome("[a-z]+[.].* = "),
    "landerctl config validate": Outcome(".*: valid"),
    "landerctl config validate lab.toml --json": Outcome(
        r"\[\]", instead="touch lab.toml; landerctl config validate lab.toml --json"
    ),
    "landerctl config diff defaults current": Outcome("SETTING", 1),
    "landerctl config diff daemon lab.toml": Outcome(
        "SETTING", 1, instead="touch lab.toml; landerctl config diff daemon lab.toml"
    ),
    "landerctl config diff smooth-newton brave-ride --json": Outcome(NO_SUCH_RUN, 66),
    "landerctl start --fresh --set ppo.desired_kl=0.004 --dry-run": Outcome("A new run: "),
    "landerctl config show --changed --run current": Outcome("run.mode = "),
    "landerctl config migrate": Outcome(".*: nothing to change"),
    "landerctl config migrate old.toml --write": Outcome(".*old.toml: no such file", 66),
    "landerctl config edit": Outcome(".*needs a terminal", 2),
    "landerctl config schema": Outcome(r"\{"),
    "landerctl config schema >config.schema.json": Outcome(""),
    "landerctl config show --origin": Outcome("run.mode = "),
    "landerctl config schema | jq .properties.ppo.properties.gamma": Outcome(r"\{"),
    "landerctl watch": Outcome(".*no daemon is running", 3),
    "landerctl watch --interval 60 >>training.log": Outcome(".*no daemon is running", 3),
    "landerctl watch --json | jq --unbuffered .status.progress.success_rate": Outcome(
        ".*no daemon is running", 3
    ),
    "landerctl episodes": Outcome("OUTCOME +EPISODES"),
    "landerctl episodes --failed --cause crashed --limit 50": Outcome(".*CAUSE|no failed episode"),
    "landerctl episodes --stage 3 --since 1h": Outcome(".*no training episode", 66),
    "landerctl episodes --json | jq -r '.failed[-1].again'": Outcome(
        "landerctl fly --pilot newest"
    ),
    "landerctl runs": Outcome(" *NAME +STATE +STEPS"),
    "landerctl runs --json | jq '.[].id'": Outcome('"20'),
    "landerctl sweep list": Outcome(".*no sweep yet"),
    "landerctl sweep list --json | jq '.[].name'": Outcome(""),
    "landerctl sweep status": Outcome(NO_SWEEP, 66),
    "landerctl sweep status rates --watch": Outcome(NO_SWEEP, 66),
    "landerctl sweep status --json | jq .counts": Outcome(NO_SWEEP, 66),
    "landerctl sweep show 3": Outcome(NO_SWEEP, 66),
    "landerctl sweep show 3 rates --json | jq .legs": Outcome(NO_SWEEP, 66),
    "landerctl sweep stop": Outcome(NO_SWEEP, 66),
    "landerctl sweep stop rates --patience 600": Outcome(NO_SWEEP, 66),
    "landerctl sweep resume": Outcome(NO_SWEEP, 66),
    "landerctl sweep resume rates --foreground": Outcome(NO_SWEEP, 66),
    "landerctl sweep best": Outcome(NO_SWEEP, 66),
    "landerctl sweep best rates --json | jq '.[0].trial.values'": Outcome(NO_SWEEP, 66),
    "landerctl sweep best --start": Outcome(NO_SWEEP, 66),
    "landerctl sweep best --start --timesteps 24000000 --name tuned": Outcome(NO_SWEEP, 66),
    "landerctl sweep compare": Outcome(NO_SWEEP, 66),
    "landerctl sweep compare rates --out rates.png": Outcome(NO_SWEEP, 66),
    "landerctl sweep compare rates --json | jq .verdict": Outcome(NO_SWEEP, 66),
    "landerctl sweep export rates.csv": Outcome(NO_SWEEP, 66),
    "landerctl sweep export rates.parquet rates --format parquet": Outcome(NO_SWEEP, 66),
    "landerctl sweep replay": Outcome(NO_SWEEP, 66),
    "landerctl sweep replay rates --json | jq .differences": Outcome(NO_SWEEP, 66),
    "landerctl sweep tensorboard": Outcome(NO_SWEEP, 66),
    "landerctl sweep tensorboard rates --port 0 --open": Outcome(NO_SWEEP, 66),
    "landerctl sweep rm rates": Outcome(NO_SWEEP, 66),
    "landerctl sweep rm rates --yes": Outcome(NO_SWEEP, 66),
    "landerctl sweep compare --out kl.html": Outcome(NO_SWEEP, 66),
    "landerctl sweep run kl.toml": Outcome(".*kl.toml: ", 66),
    "landerctl sweep run kl.toml --dry-run": Outcome(".*kl.toml: ", 66),
    "landerctl sweep status --watch": Outcome(NO_SWEEP, 66),
    "landerctl sweep run rates.toml --dry-run": Outcome(".*rates.toml: ", 66),
    "landerctl sweep run rates.toml": Outcome(".*rates.toml: ", 66),
    "landerctl sweep run rates.toml --name rates-2": Outcome(".*rates.toml: ", 66),
    "landerctl sweep run rates.toml --engine ray --address 192.0.2.7:6379": Outcome(
        ".*rates.toml: ", 66
    ),
    "landerctl seeds 8 --stage 1 --steps 1000000 --dry-run": Outcome("Sweep seeds-8: 8 trials"),
    "landerctl runs list --tag baseline --where 'stage>=3' --where 'success>80%' --sort steps": (
        Outcome(".*no run matches")
    ),
    "landerctl runs list --where 'ppo.clip_range=0.1'": Outcome(".*no run matches"),
    "landerctl runs tag slow-ramp": Outcome(NO_SUCH_RUN, 66),
    "landerctl runs tag slow-ramp paper lr=3e-4": Outcome(NO_SUCH_RUN, 66),
    "landerctl runs tag slow-ramp --remove paper": Outcome(NO_SUCH_RUN, 66),
    "landerctl runs note slow-ramp": Outcome(NO_SUCH_RUN, 66),
    "landerctl runs note slow-ramp 'gate 3 needs the wider ramp'": Outcome(NO_SUCH_RUN, 66),
    "landerctl runs diff baseline slow-ramp": Outcome(NO_SUCH_RUN, 66),
    "landerctl runs diff baseline current --json | jq .settings": Outcome(NO_SUCH_RUN, 66),
    "landerctl runs archive slow-ramp": Outcome(NO_SUCH_RUN, 66),
    "landerctl runs archive slow-ramp --free": Outcome(NO_SUCH_RUN, 66),
    "landerctl runs rm": Outcome("no removal to finish"),
    "landerctl runs rm slow-ramp --dry-run": Outcome(NO_SUCH_RUN, 66),
    "landerctl runs rm slow-ramp wide-ramp --yes": Outcome(NO_SUCH_RUN, 66),
    "landerctl runs rm slow-ramp --backups": Outcome(NO_SUCH_RUN, 66),
    "landerctl runs switch baseline": Outcome(NO_SUCH_RUN, 66),
    "landerctl runs show current": Outcome("run +"),
    "landerctl runs show slow-ramp --json | jq .differing": Outcome(NO_SUCH_RUN, 66),
    "landerctl runs unarchive slow-ramp": Outcome(NO_SUCH_RUN, 66),
    "landerctl runs list --disk --all": Outcome(" *NAME +STEPS +CHECKPOINTS"),
    "landerctl start --from base/best --set ppo.desired_kl=0.004": Outcome(NO_SUCH_RUN, 66),
    "landerctl start --from base/best --set ppo.desired_kl=0.004 --name kl-low": Outcome(
        NO_SUCH_RUN, 66
    ),
    "landerctl start --from base/best --set ppo.desired_kl=0.02 --name kl-high": Outcome(
        NO_SUCH_RUN, 66
    ),
    "landerctl evaluate kl-low kl-high --stage 3 --episodes 300": Outcome(NO_SUCH_RUN, 66),
    "landerctl runs compare kl-low kl-high --out compared.png": Outcome(NO_SUCH_RUN, 66),
    "landerctl runs compare base wide": Outcome(NO_SUCH_RUN, 66),
    "landerctl runs compare base wide --metric success --metric kl --over hours": Outcome(
        NO_SUCH_RUN, 66
    ),
    "landerctl runs compare base wide current --out compared.html": Outcome(NO_SUCH_RUN, 66),
    "landerctl runs compare base wide --json | jq '.settings[]'": Outcome(NO_SUCH_RUN, 66),
    "landerctl logs": Outcome(LOGGED),
    "landerctl logs -n 100": Outcome(LOGGED),
    "landerctl logs --since 2h --grep 'rollback|restore'": Outcome(f"{LOGGED}|$"),
    "landerctl logs --source trainer --level error": Outcome(f"{LOGGED}|$"),
    "landerctl logs --since 1d --json | jq -r .text": Outcome(".+"),
    "landerctl events": Outcome(DATE),
    "landerctl events --all": Outcome(DATE),
    "landerctl events --all --since 10min": Outcome(DATE),
    "landerctl events --limit 20": Outcome(DATE),
    "landerctl events --name 'backup.*'": Outcome(f"{DATE}.*backup"),
    "landerctl events --name 'notify.*'": Outcome(f"{DATE}.*notify"),
    "landerctl events --name 'stage.*'": Outcome(f"{DATE}.*stage"),
    "landerctl events --name 'stage.*' --json | jq -r .text": Outcome("stage 1 of "),
    "landerctl events --since 2h --severity critical": Outcome(f"{DATE}.*alert.firing"),
    "landerctl events export --output events.csv": Outcome("events.csv: "),
    "landerctl events export --since 1d --format json | jq '.[].name'": Outcome('"'),
    "landerctl review --since 6h": Outcome("span review: "),
    "landerctl review --since 6h --json": Outcome(r"\{"),
    "landerctl review 12": Outcome(".*no review 12", 66),
    "landerctl review list": Outcome(r".*(no review|daily review)"),
    "landerctl tracking": Outcome("off: "),
    "landerctl tracking --json | jq '.runs[].lost'": Outcome(""),
    "landerctl tracking sync": Outcome(".*no tracking server: ", 78),
    "landerctl tracking sync --run 20261123-004146-curriculum-ppo-1223": Outcome(
        ".*no tracking server: ", 78
    ),
    "landerctl metrics": Outcome("METRIC +VALUE"),
    "landerctl metrics time/fps --run 20261123-004146-curriculum-ppo-1223": Outcome("TIME +"),
    "landerctl metrics --json | jq '.[].name'": Outcome('"backup/damaged"'),
    "landerctl metrics rollout/ep_rew_mean --since 2h --csv": Outcome(r"(\w+,)+value"),
    "landerctl metrics export --all --output metrics.parquet": Outcome("metrics.parquet: "),
    "landerctl metrics export --all --all-runs --output metrics.csv": Outcome("metrics.csv: "),
    "landerctl metrics export --all --all-runs --output metrics.parquet": Outcome(
        "metrics.parquet: "
    ),
    "landerctl metrics export rollout/ep_rew_mean time/fps --since 2h": Outcome("time_s,run_id"),
    "landerctl metrics export time/fps --format json | jq '.[-1]'": Outcome(r"\{"),
    "landerctl burn-in": Outcome("burn-in of "),
    "landerctl burn-in --json | jq .hours": Outcome("0"),
    "landerctl estimate": Outcome("From |No estimate: "),
    "landerctl estimate --n-envs 32": Outcome("From |No estimate: "),
    "landerctl estimate --json | jq '.estimate.gates[-1].trained_s'": Outcome(r"\{|null"),
    "landerctl backups": Outcome("ID +AGE"),
    "landerctl backups --all-runs | grep pinned": Outcome(".*pinned"),
    "landerctl backups --run quiet-crater": Outcome("ID +AGE"),
    "landerctl backups --json | jq -r '.[-1].id'": Outcome(r"\d{6}-\d+-\w+"),
    "landerctl backup verify": Outcome(r"\d+ verified, no damage"),
    "landerctl backup verify --sample 5": Outcome(r"\d verified, no damage"),
    "landerctl backup verify 000012-600000-gate": Outcome("1 verified, no damage"),
    "landerctl backup verify --all --json | jq '.[] | select(.faults != [])'": Outcome(""),
    "landerctl backup prune --dry-run": Outcome("kept +"),
    "landerctl plot": Outcome(PLOTTED),
    "landerctl plot --out report/ --format svg": Outcome(r"report/.*\.svg$"),
    "landerctl plot --run 20261123-004146-curriculum-ppo-1223": Outcome(PLOTTED),
    "landerctl plot --run quiet-crater/newest --format png": Outcome(PLOTTED),
    "landerctl service show": Outcome(r"\[Unit\]"),
    "landerctl restore cloud --dry-run": Outcome(
        "From cloud: run ",
        instead="landerctl --home new --config state/config.toml restore cloud --dry-run",
    ),
    "landerctl restore /mnt/disk/landers --dry-run": Outcome(
        "From .*: run ", instead="landerctl --home new restore /mnt/disk/landers --dry-run"
    ),
    "landerctl checklist": Outcome("(no )?run "),
    "landerctl checklist --open": Outcome("(no )?run "),
    "landerctl checklist burn-in": Outcome("(no )?run "),
    "landerctl checklist quality.success": Outcome("quality.success +"),
    "landerctl checklist --json | jq .counts": Outcome(r"\{"),
    # A daemon judges first after a minute of training.
    "landerctl check checklist": Outcome(VERDICT, instead="landerctl check checklist || true"),
    # Its drills take minutes.
    "landerctl drill due >/dev/null": Outcome("", instead="landerctl drill --help >/dev/null"),
    "landerctl golive --dry-run": Outcome("NO-GO: ", 2),
    "landerctl signoff list": Outcome("open +team-notified"),
    "landerctl golive --json | jq -r '.decision.steps[].do'": Outcome(".+", 2),
    "landerctl incident show 20261129-064512": Outcome(".*no incident '20261129-064512'", 66),
    "landerctl incident list": Outcome(r"(open|\d+ incidents?)"),
    "landerctl tui --plain": Outcome("State:"),
    "landerctl tui --plain </dev/null": Outcome("State:"),
    "landerctl tui": Outcome(".*needs a terminal", 2),
    "landerctl tui --read-only": Outcome(".*needs a terminal", 2),
    "landerctl version": Outcome(r"landerctl \d"),
    "landerctl --version": Outcome(r"landerctl \d"),
    "make help": Outcome("make help +Show this list", instead=f"make -C {ROOT} -s help"),
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
# What is not run here, and why.
FLIES = "flies episodes for a minute; tests/landerctl/matrix runs the verb"
HOURS = "takes minutes to hours"
MAKE = "a target of make: test_links.py holds that it exists"
INSTALLS = "needs the network, or root"
PARTS = "the same as another one here, with other values: each imports the simulation for seconds"
CLOUD = (
    "needs a cloud: tests/daemon/offsite and tests/e2e/test_offsite.py restore from object stores"
)
OPENS = "runs until Ctrl-C: tests/landerctl/cli/commands/watch runs it"
ELSEWHERE = {
    **dict.fromkeys(
        ("make run", "make test", "make lint", "make torture", "make failpoints", "make bench"),
        MAKE,
    ),
    "make results": HOURS,
    "landerctl review weekly --evaluate --send": FLIES,
    "landerctl review weekly --evaluate >/dev/null": FLIES,
    **dict.fromkeys(
        (
            "landerctl drill all",
            "landerctl drill environment",
            "landerctl drill backup rollback --json",
            "landerctl drill environment reward",
            "landerctl drill backup rollback resume crash",
            "landerctl drill alerts",
            "landerctl drill algorithms",
            "landerctl drill evaluation",
            "landerctl drill due",
        ),
        HOURS,
    ),
    "pip install .": INSTALLS,
    "lander/bin/pip install --constraint constraints.txt .": INSTALLS,
    "python -m build": INSTALLS,
    "pip install py-spy": INSTALLS,
    "pip install ./examples/plugin": "tests/landerctl/test_plugins.py installs it",
    "landerctl check plugin:pace": "tests/landerctl/test_plugins.py runs it",
    "landerctl alerts test diary": "tests/landerctl/test_plugins.py asks for it",
    "landerctl fly --pilot reference": FLIES,
    "python -m pytest tests/env": "a test of tests",
    "python -m pytest tests/env/task": "a test of tests",
    "python -m pytest tests/daemon/trainer/algorithms tests/daemon/trainer/loop": "a test of tests",
    "pip install build && .venv/bin/python -m build": INSTALLS,
    "sudo .venv/bin/py-spy record --native --pid PID --duration 60 --output trainer.svg": INSTALLS,
    "loginctl enable-linger": "changes this machine",
    "kill -CONT -- -PID": "tests/daemon/supervisor/process/test_frozen.py sends it",
    "landerctl --install-completion": "changes the shell's files; tests/landerctl/cli/test_app.py "
    "completes with its script",
    "LANDERCTL_HOME=/tmp/look LANDERCTL_FAILPOINT=backup.copied:kill .venv/bin/landerctl backup": (
        "tests/failpoints does it at every failpoint"
    ),
    "python -m pytest tests/daemon/rollback -k journal": "a test of tests",
    "python -m pytest -n 2 --dist loadfile tests/daemon": "a test of tests",
    "landerctl selftest": "tests/e2e/test_session.py runs it: it trains",
    "landerctl selftest --json": "tests/e2e/test_session.py runs it: it trains",
    "landerctl events --follow --name 'rollback.*'": OPENS,
    "landerctl events --follow --severity warning": OPENS,
    "landerctl logs --follow --level warning": OPENS,
    "landerctl stop --note 'the machine moves'": "as `landerctl stop`",
    "landerctl checklist burn-in --watch": OPENS,
    "landerctl burn-in --watch": OPENS,
    **dict.fromkeys(
        (
            "landerctl checklist ID",
            "landerctl drill NAME",
            "landerctl signoff SUBJECT --by NAME",
            "landerctl config edit [FILE]",
            "landerctl restore FOLDER --run ID",
            "landerctl runs --where",
            "landerctl runs compare",
            "landerctl runs rename RUN NAME",
            "landerctl runs switch RUN",
            "landerctl runs unarchive RUN",
            "landerctl seeds",
            "landerctl start --from",
            "landerctl sweep export FILE",
            "landerctl sweep show",
            "landerctl film",
            "landerctl film [PILOT] --out FILE",
            "landerctl fly",
            "landerctl fly --pilot",
            "landerctl fly --save FILE",
            "landerctl start --from RUN/STATE",
            "landerctl start --fresh --seed N",
        ),
        "the form of a command",
    ),
    **dict.fromkeys(
        (
            "landerctl metrics push http://gateway.example.org:9091",
            "landerctl metrics push http://gateway.example.org:9091 >/dev/null",
            "landerctl metrics push http://localhost:9091 --job landers --instance bench-2",
            "landerctl metrics push --url-file ~/.config/landerctl/gateway-url",
        ),
        "needs a Pushgateway: tests/landerctl/operations/test_pushing.py has one",
    ),
    "landerctl config schema > docs/config.schema.json": "as `landerctl config schema`",
    "landerctl start --from current/best --set ppo.clip_range=0.1 --name careful": (
        "starts a training: tests/landerctl/operations/starting and tests/failpoints fork"
    ),
    **dict.fromkeys(
        (
            "landerctl seeds 5",
            "landerctl seeds 5 --stage 1",
            "landerctl seeds 5 --stage 1 --steps 400000",
            "landerctl seeds 5 --set ppo.desired_kl=0.004 --name kl-low",
        ),
        "trains for hours: tests/landerctl/operations/sweeps begins one",
    ),
    "landerctl tensorboard": OPENS,
    "landerctl web": "serves until Ctrl-C: tests/landerctl/web runs it",
    "landerctl web --write": "as `landerctl web`",
    "landerctl web --behind-proxy https://lander.example.org": "as `landerctl web`",
    "pip install 'landerctl[export]'": INSTALLS,
    "pip install 'landerctl[web]'": INSTALLS,
    "pip install 'landerctl[parquet]'": INSTALLS,
    "pip install 'landerctl[tracking]'": INSTALLS,
    "landerctl tensorboard --open": "opens a browser",
    "landerctl tensorboard --run 20261123-004146-curriculum-ppo-1223 --port 6007": OPENS,
    **dict.fromkeys(
        (
            "landerctl preflight",
            "landerctl preflight --send",
            "landerctl preflight --json | jq '.rows[] | select(.level > 0)'",
        ),
        "its exit code is the machine's: tests/landerctl/cli/commands/decide runs it",
    ),
    **dict.fromkeys(
        (
            "landerctl benchmarks",
            "landerctl benchmarks --json | jq '.[] | select(.row.holds == false)'",
        ),
        "its exit code is the machine's speed: tests/landerctl/cli/commands/decide runs it",
    ),
    "landerctl status --home ~/.local/state/landerctl/sweeps/kl/trials/00003": (
        "names a trial of a sweep that is not there"
    ),
    "landerctl restore": "a mention without its target",
    "landerctl restore s3://my-bucket/landers --options-file s3.toml": CLOUD,
    "landerctl restore s3://bucket/landers --options-file ~/s3.toml "
    "--to 000012-600000-gate --yes": CLOUD,
    "landerctl rollback --to last-good --yes": PARTS,
    **dict.fromkeys(
        (
            "landerctl evaluate",
            "landerctl evaluate --episodes 500",
            "landerctl evaluate best --episodes 500",
            "landerctl evaluate best quiet-crater/best",
            "landerctl evaluate best --episodes 500 --stage 5",
            "landerctl evaluate best --episodes 500 --stage 5 --json",
            "landerctl fly --stage 3",
            "landerctl fly --stage 5",
            "landerctl fly --pilot best",
            "landerctl fly --stage 4 --json | jq .touchdown_speed_m_s",
            "landerctl fly --pilot best --stage 5 --seed N",
            "landerctl fly --stage 3 --seed N",
            "landerctl export lander.onnx",
            "landerctl export best lander.c --judge",
            "landerctl export quiet-crater/best lander.zip --format sb3",
            "landerctl export lander.safetensors --json | jq .actions.largest_difference",
            "landerctl evaluate best --disperse",
            "landerctl evaluate best --disperse --episodes 200",
            "landerctl evaluate best --disperse mine.toml --json",
            "landerctl evaluate best --disperse mine.toml --episodes 500 --stage 5 --json",
            "landerctl fly --pilot best --stage 2 --seed 7 --disperse --only thrust",
            "landerctl fly --pilot best --stage 5 --seed 1000017 --disperse --only thrust",
            "landerctl fly --seed N --disperse FILE --only PARAMETER",
            "landerctl export best --format c landing_policy.c",
            "landerctl export best --format c landing_policy.c --json > export.json",
            "python fly.py export.json ./controller",
            "landerctl film --out landing.gif",
            "landerctl film best --out landing.mp4",
            "landerctl film best --seed 7 --out landing.mp4",
            "landerctl film quiet-crater/newest --stage 5 --speed 4 --out descent.mp4",
            "landerctl film best --size 640x360 --out landing.gif --json | jq .outcome",
            "landerctl film 000001-8000-stop --seed 7 --out crash.mp4",
        ),
        PARTS,
    ),
}

# What the pieces of Python in the documents suppose.
PRELUDE = """
import numpy
from env.fleet import FleetSettings, LanderFleet
fleet = LanderFleet(FleetSettings(n_envs=8))
vehicle, observations, dones = fleet.settings.vehicle, fleet.reset(), numpy.zeros(8, bool)
"""
