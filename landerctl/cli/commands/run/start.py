"""`landerctl start`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated

import typer

from daemon.backup.catalog import backup_directory
from daemon.base.paths import RunPaths, StatePaths
from daemon.base.text.counted import counted
from daemon.base.text.warm_start import warm_start_text
from daemon.checkpoint.catalog import find_newest
from daemon.config import ConfigError, LoadedConfig, Sources, load_sources
from daemon.config.demo import shortened
from daemon.config.schema import Algorithm, Mode, WarmStart
from daemon.processes.state_folder import ClaimError, check_home, refuse_foreign
from daemon.runs.creation import create_run, remove_unfinished_runs
from daemon.runs.metadata import read_metadata
from daemon.runs.run_folder import current_run, read_run_config, write_run_config
from daemon.supervisor.alerting.metric_check import check_metrics
from daemon.supervisor.alerting.target_check import check_targets
from daemon.supervisor.lifecycle.launch import become
from landerctl.cli.arguments.completion import completer
from landerctl.cli.commands.run.dry_run import show
from landerctl.cli.commands.run.forking import carry_out_fork, plan_forking, show_fork
from landerctl.cli.commands.run.launching import refuse_second_daemon, start_daemon
from landerctl.cli.shared.session import ConfigFile, Home, Session, examples, open_session
from landerctl.drills.scratch.folder import remove_abandoned
from landerctl.exitcodes import Exit
from landerctl.failure import Failure
from landerctl.operations.runs.labels import check_name, check_tags
from landerctl.operations.runs.recording import finish_killed_removals
from landerctl.operations.starting.flyable import refuse_unflyable
from landerctl.operations.starting.start_plan import (
    RunOptions,
    StartPlan,
    completed,
    ignored_settings,
    planned,
    resumed_config,
)
from landerctl.operations.states.find_checkpoint import ALIASES
from landerctl.operations.sweeps.find import refuse_trial

EXAMPLES = examples(
    "landerctl start",
    "landerctl start --fresh --algorithm sac --n-envs 32",
    "landerctl start --mode standard --stage 3 --timesteps 20000000",
    "landerctl start --fresh --set ppo.desired_kl=0.004 --dry-run",
    "landerctl start --from current/best --set ppo.clip_range=0.1 --name careful",
    "landerctl start --fresh --warm-start reference",
    "landerctl start --no-wait",
)


def start(
    context: typer.Context,
    *,
    mode: Annotated[
        Mode | None, typer.Option(help="All stages, one stage, or a short demo.")
    ] = None,
    algorithm: Annotated[Algorithm | None, typer.Option(help="The learning algorithm.")] = None,
    n_envs: Annotated[int | None, typer.Option(help="Landers in the fleet.")] = None,
    timesteps: Annotated[
        int | None, typer.Option(help="Steps after which training ends; can be raised later.")
    ] = None,
    stage: Annotated[int | None, typer.Option(help="Stage of --mode standard.")] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of all random numbers.")] = None,
    warm_start: Annotated[
        WarmStart | None,
        typer.Option(help="Of a new run: clone the reference pilot into the policy first (PPO)."),
    ] = None,
    name: Annotated[
        str | None,
        typer.Option(help="Name of a new run (default: a made-up one).", show_default=False),
    ] = None,
    tags: Annotated[
        list[str] | None,
        typer.Option("--tag", metavar="TAG", help="A tag of a new run; repeatable."),
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="SECTION.KEY=VALUE",
            help="A setting, above files and variables; repeatable.",
        ),
    ] = None,
    fresh: Annotated[
        bool | None,
        typer.Option(
            "--fresh/--resume",
            help="Start a new run, or resume the last one (default: resume, unless completed).",
            show_default=False,
        ),
    ] = None,
    origin: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="RUN/STATE",
            help="Fork: start a new run that continues this state (an id, best, or by default "
            "newest) with the settings of its run; --set and other options change them.",
            show_default=False,
            autocompletion=completer("states", ALIASES),
        ),
    ] = None,
    wait: Annotated[
        bool, typer.Option("--wait/--no-wait", help="Wait until training runs, or return at once.")
    ] = True,
    foreground: Annotated[
        bool,
        typer.Option(
            "--foreground",
            help="Stay in the foreground, log to standard error, and start no new run after a "
            "completed one: for systemd and containers.",
        ),
    ] = False,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run",
            help="Print what would be trained, and where each setting comes from; change nothing.",
        ),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="With --dry-run: as JSON.")] = False,
    home: Home = None,
    config: ConfigFile = None,
) -> int:
    """Start the daemon in the background and train; resume the last run."""
    session = open_session(context, home, config)
    options = RunOptions(
        mode=mode,
        algorithm=algorithm,
        n_envs=n_envs,
        timesteps=timesteps,
        stage=stage,
        seed=seed,
        warm_start=warm_start,
    )
    wanted = _new_run(session, name, tags or [], origin)
    paths = session.paths
    try:
        sources = session.find_sources(settings or [])
        # Nothing is created before everything is known to be usable.
        refuse_foreign(paths)
        refuse_trial(paths)
        refuse_second_daemon(paths)
        plan = _plan(session, sources, options, wanted, fresh, resume_completed=foreground)
        refuse_unflyable(plan.config, str(plan.run.config if plan.run else sources))
        if plan.fork is not None:
            show_fork(plan, *wanted.labels, dry_run=dry_run, as_json=as_json)
        elif dry_run:
            show(planned(plan, *wanted.labels), as_json=as_json)
        if dry_run:
            return Exit.OK
        check_home(paths)
        with suppress(OSError, Failure):
            remove_abandoned(paths)
            finish_killed_removals(paths, lambda: backup_directory(session.load_config(), paths))
            remove_unfinished_runs(paths)
        run, message = _carry_out(paths, plan, wanted)
    except ClaimError as error:
        raise Failure(str(error), Exit.CANNOT_WRITE) from None
    except ConfigError as error:
        raise _refusal(error) from None
    except OSError as error:
        raise Failure(
            f"{error.filename or paths.home}: {error.strerror}; free space or name another --home",
            Exit.CANNOT_WRITE,
        ) from None
    served = sources.of_daemon()
    if foreground:
        print(message, file=sys.stderr, flush=True)
        become(paths, served, run.id)
    start_daemon(paths, served, run, message, wait=wait, new=plan.run is None, idle=plan.completed)
    return Exit.OK


def _refusal(error: ConfigError) -> Failure:
    """A fault of the options alone is one of the command line."""
    mistyped = error.faults and all(one.origin.kind == "option" for one in error.faults)
    return Failure(str(error), Exit.USAGE if mistyped else Exit.CONFIG)


@dataclass(frozen=True)
class _NewRun:
    """What is said of a new run only, besides settings."""

    name: str | None
    tags: tuple[str, ...]
    origin: str | None  # the state that it continues

    @property
    def labels(self) -> tuple[str | None, tuple[str, ...]]:
        """Name and tags, as arguments."""
        return self.name, self.tags

    @property
    def given(self) -> str | None:
        """The first option that was given; None if none was."""
        said = {"--name": self.name, "--tag": self.tags}
        return next((option for option, value in said.items() if value), None)


def _new_run(
    session: Session, name: str | None, tags: Sequence[str], origin: str | None
) -> _NewRun:
    """Raises Failure for an invalid one."""
    if name is not None:
        check_name(session.paths, name)
    check_tags(tags)
    return _NewRun(name, tuple(tags), origin)


def _plan(
    session: Session,
    sources: Sources,
    options: RunOptions,
    wanted: _NewRun,
    fresh: bool | None,
    *,
    resume_completed: bool,
) -> StartPlan:
    """What this start will train; changes nothing.

    `resume_completed`: resume the last run even if it is completed. Raises ConfigError, OSError,
    Failure.
    """
    if wanted.origin is not None:
        return _plan_fork(session, wanted.origin, sources, options, fresh)
    paths = session.paths
    loaded = _load(sources, options)
    config = loaded.config
    run = current_run(paths)
    if fresh is False and run is None:
        raise Failure(f"{paths.home}: no run to resume; omit --resume", Exit.NOT_FOUND)
    if run is None or fresh:
        return StartPlan(loaded, shortened(config, options.timesteps), None, True, "")
    found = find_newest(run.checkpoints)
    newest = found.whole
    over = fresh is None and not resume_completed and completed(newest)
    of_run = wanted.given or sources.settings != sources.of_daemon().settings
    if over and (of_run or options.given().keys() != {"timesteps"}):
        config = shortened(config, options.timesteps)
        return StartPlan(loaded, config, None, True, f"Run {run.id} is completed. ")
    if wanted.given:
        raise Failure(
            f"run {run.id} resumes with its own name and tags: omit {wanted.given}, or "
            "add --fresh for a new run",
            Exit.USAGE,
        )
    frozen = read_run_config(run)
    resumed = resumed_config(run.id, frozen, options)
    ignored = ignored_settings(run.id, resumed, loaded)
    where = f"from {newest.id}" if newest else "from the start: it has no whole checkpoint"
    message = f"Resuming run {run.id} {where}"
    served = completed(newest) and resumed == frozen
    if served:
        if fresh is None and not resume_completed:
            raise Failure(
                f"run {run.id} is completed: raise its --timesteps above "
                f"{frozen.run.timesteps:,}, add --resume to serve it without training, or "
                "--fresh for a new run"
            )
        message = f"Run {run.id} is completed: the daemon serves it, nothing is trained"
    for _, text in found.skipped:
        message += f"\nSkipped as damaged: {text}"
    message += "".join(f"\n{text}" for text in ignored)
    return StartPlan(loaded, resumed, run, resumed != frozen, message, served)


def _plan_fork(
    session: Session, origin: str, sources: Sources, options: RunOptions, fresh: bool | None
) -> StartPlan:
    """The start of a fork: what options set, its configuration has and not the daemon's."""
    if fresh is False:
        raise Failure("--from begins a new run: omit --resume", Exit.USAGE)
    forking = plan_forking(session, origin, sources, options)
    loaded = _load(sources.of_daemon(), RunOptions())
    return StartPlan(loaded, forking.config, None, True, "", fork=forking)


def _load(sources: Sources, options: RunOptions) -> LoadedConfig:
    """The daemon's configuration, with the options of a run; says what others can read in it."""
    loaded = load_sources(sources, options.layers())
    check_metrics(loaded)
    check_targets(loaded)
    for fault in loaded.open_files:
        print(f"landerctl: {fault}", file=sys.stderr)
    return loaded


def _carry_out(paths: StatePaths, plan: StartPlan, wanted: _NewRun) -> tuple[RunPaths, str]:
    """The run to train, created if it is new, and the message about it. Raises OSError."""
    if plan.fork is not None:
        return carry_out_fork(paths, plan.fork, *wanted.labels)
    if plan.run is not None:
        if plan.changed:
            write_run_config(plan.run, plan.config)
        return plan.run, plan.message
    config = plan.config
    run = create_run(paths, config, name=wanted.name, tags=wanted.tags)
    return run, (
        f"{plan.message}New run {run.id}, {read_metadata(run).name}: "
        f"{config.run.mode}, {config.run.algorithm}, "
        f"{counted(config.run.n_envs, 'lander')}, {counted(config.run.timesteps, 'step')}"
        f"{warm_start_text(config.run.warm_start)}"
    )
