"""How each verb is run: `{id}`, `{backups}`, `{tar}`, `{sweep}` and `{out}` are replaced."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One command line of a verb."""

    arguments: str = ""
    changes: bool = False  # something in the state folder
    endless: bool = False  # with a daemon, until Ctrl-C
    json: bool = False


# Heavy programs are replaced by a small one, so `start`, `fly`, `evaluate` and `selftest` end soon.
ROWS: dict[str, list[Row]] = {
    "start": [
        Row("--dry-run --set ppo.gamma=0.98"),
        Row("--fresh --dry-run --json", json=True),
        Row("--no-wait", changes=True),
        Row("--fresh --no-wait --seed 7", changes=True),
        Row("--from no-such"),
        Row("--from current --dry-run --json", json=True),
    ],
    "stop": [Row("--note moving", changes=True)],
    "service install": [Row()],
    "service show": [Row()],
    "service uninstall": [Row()],
    "config show": [
        Row(),
        Row("--json", json=True),
        Row("ppo.gamma --run current"),
        Row("--changed --origin"),
        Row("no-such"),
    ],
    "config schema": [Row()],
    "config validate": [Row(), Row("no-such.toml --json", json=True)],
    "config diff": [
        Row("defaults daemon"),
        Row("defaults current --json", json=True),
        Row("defaults no-such"),
    ],
    "config migrate": [Row(), Row("--json", json=True), Row("--write", changes=True)],
    "config edit": [Row()],
    "status": [
        Row(),
        Row("--json", json=True),
        Row("--at 1s"),
        Row("--at 1s --json", json=True),
        Row("--at no-such"),
    ],
    "check": [Row(), Row("--json", json=True), Row("no-such-check"), Row("store disk")],
    "checklist": [
        Row(),
        Row("--json --open", json=True),
        Row("burn-in"),
        Row("quality.success --json", json=True),
        Row("--watch", endless=True),
        Row("no-such"),
    ],
    "tui": [Row(), Row("--read-only")],
    "watch": [Row(endless=True), Row("--json", endless=True, json=True)],
    "events": [
        Row(),
        Row("--json --severity warning", json=True),
        Row("--follow", endless=True),
        Row("--name no-such"),
    ],
    "logs": [
        Row(),
        Row("-n 5 --json --level warning", json=True),
        Row("--since 1h --until 1s --grep a"),
        Row("--follow", endless=True),
        Row("--grep ("),
    ],
    "runs": [Row(), Row("--json", json=True)],
    "runs list": [
        Row("--all --disk --wide"),
        Row("--where stage>=1 --sort steps --json", json=True),
        Row("--where no-such=1"),
    ],
    "runs show": [Row("current"), Row("current --json", json=True), Row("no-such")],
    "runs rename": [Row("current new-name", changes=True), Row("no-such new-name")],
    "runs tag": [
        Row("current paper lr=3e-4", changes=True),
        Row("current --json", json=True),
        Row("current a/b"),
    ],
    "runs note": [
        Row("current 'moved'", changes=True),
        Row("current --json", json=True),
        Row("no-such text"),
    ],
    "runs diff": [Row("current current"), Row("current current --json", json=True), Row("a b")],
    "runs archive": [Row("current --free", changes=True), Row("no-such")],
    "runs rm": [
        Row("--yes", changes=True),
        Row("--json", json=True),
        Row("current --yes"),
        Row("no-such --dry-run"),
    ],
    "runs switch": [Row("current", changes=True), Row("no-such")],
    "runs unarchive": [Row("current", changes=True)],
    "runs compare": [Row("current no-such"), Row("current current"), Row("current")],
    "sweep": [Row(), Row("--json", json=True)],
    "sweep list": [Row("--json", json=True)],
    "sweep run": [
        Row("no-such.toml"),
        Row("{sweep} --dry-run --json", json=True),
        Row("{sweep}", changes=True),
        Row("{sweep} --name a/b"),
    ],
    "sweep status": [Row(), Row("--json --all", json=True), Row("--watch", endless=True)],
    "sweep show": [Row("0"), Row("0 --json", json=True), Row("9")],
    "sweep stop": [Row(), Row("no-such")],
    "sweep resume": [Row(changes=True), Row("no-such")],
    "sweep export": [Row("{out}/sweep.csv"), Row("{out}/sweep.csv --json", json=True)],
    "sweep tensorboard": [Row("no-such")],
    "sweep rm": [Row("no-such --yes"), Row("rates --yes", changes=True), Row("rates")],
    "seeds": [Row("2 --dry-run --json", json=True), Row("0")],
    "metrics": [
        Row(),
        Row("--json", json=True),
        Row("time/fps --csv"),
        Row("time/fps --json", json=True),
        Row("no-such"),
    ],
    "episodes": [
        Row(),
        Row("--failed --cause crashed"),
        Row("--json --stage 1", json=True),
        Row("--cause no-such"),
    ],
    "plot": [Row("--format svg", changes=True), Row("--run no-such/newest --out {out}")],
    "tensorboard": [Row("--run no-such"), Row("--port 6999")],
    "web": [Row("--host 0.0.0.0"), Row("--behind-proxy http://lander.example.org")],
    "alerts": [Row(), Row("--json", json=True)],
    "alerts show": [Row("speed-low"), Row("speed-low --json", json=True), Row("no-such")],
    "alerts ack": [Row("speed-low --note seen", changes=True), Row("no-such")],
    "alerts silence": [Row("speed-* --for 1h", changes=True), Row("x --for never")],
    "alerts unsilence": [Row("speed-*", changes=True)],
    "alerts targets": [Row(), Row("--json", json=True)],
    "alerts test": [Row(), Row("--json", json=True), Row("no-such")],
    "backups": [Row(), Row("--json", json=True), Row("--all-runs"), Row("--run current")],
    "rollback": [
        Row(),
        Row("--to no-such --yes"),
        Row("--to {id} --dry-run --json", json=True),
        Row("--to {id} --yes --json", json=True, changes=True),
        Row("--to no-such/newest --yes"),
        Row("--undo --yes"),
    ],
    "restore": [
        Row("no-such"),
        Row("{backups} --dry-run --json", json=True),
        Row("{backups} --yes --no-start --json", json=True, changes=True),
    ],
    "backup": [Row("--note why --pin", changes=True)],
    "backup verify": [Row(), Row("--json --all", json=True), Row("no-such")],
    "backup prune": [Row(changes=True), Row("--dry-run --json", json=True)],
    "backup export": [Row("{id} {out}/backup.tar"), Row("no-such {out}/backup.tar")],
    "backup import": [Row("{tar}", changes=True), Row("{out}/no-such.tar")],
    "backup pin": [Row("{id} --note kept", changes=True), Row("current/no-such")],
    "backup unpin": [Row("{id}", changes=True)],
    "fly": [
        Row("--seed 7 --save {out}/flight.csv"),
        Row("--pilot newest --json", json=True),
        Row("--pilot no-such"),
        Row("--seed 7 --disperse --only no-such"),
    ],
    "evaluate": [
        Row("--json", json=True),
        Row("no-such"),
        Row("no-such/newest"),
        Row("newest reference --json", json=True),
        Row("newest newest"),
        Row("--pilot reference --stage 99"),
        Row("--disperse {out}/no-such.toml"),
    ],
    "selftest": [Row("--json", json=True)],
    # Those that exist take minutes.
    "drill": [Row("no-such"), Row("no-such --json")],
    "burn-in": [Row(), Row("--json", json=True), Row("--watch", endless=True)],
    "review": [
        Row(changes=True),
        Row("--since 1h --json", json=True),
        Row("weekly --send", changes=True),
        Row("list --json", json=True),
        Row("no-such"),
    ],
    "golive": [
        Row("--dry-run"),
        Row("--json --dry-run", json=True),
        Row("--override"),
    ],
    "signoff": [
        Row("list"),
        Row("qa"),
        Row("qa --by Ada --json", json=True, changes=True),
    ],
    "note": [Row(), Row("--json", json=True), Row("it lands", changes=True)],
    "report": [
        Row("--out {out}/report.html"),
        Row("--format md --out {out}/report.md --json", json=True),
        Row("--format md", changes=True),
    ],
    "incident list": [Row(), Row("--json", json=True)],
    "incident show": [Row("no-such")],
    "incident open": [Row("a-power-cut --json", json=True, changes=True)],
    "incident close": [Row("no-such --cause unknown")],
    "preflight": [Row(), Row("--send --json", json=True)],
    "benchmarks": [Row(changes=True), Row("--json", json=True, changes=True)],
    "estimate": [Row(changes=True), Row("--n-envs 32 --json", json=True, changes=True)],
    "version": [Row()],
}
