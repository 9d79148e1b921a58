"""A model card as Markdown: all that a stranger needs to fly with an exported policy."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from daemon.base.text.counted import counted
from daemon.base.text.one_line import one_line
from daemon.base.text.warm_start import warm_start_text
from daemon.protocol.policy_formats import FORMATS, FormatName
from daemon.runs.evaluations import EvaluationResult
from daemon.runs.statistics.intervals import Interval
from daemon.trainer.export.card import Card, Limits
from daemon.trainer.export.usage import NEEDS, call_code, flight_code

_RANGES = {
    "altitude_m": "height of the feet above the ground, m",
    "downrange_m": "distance from the pad, m",
    "descent_rate_m_s": "descent rate, m/s",
    "horizontal_speed_m_s": "speed towards the pad, m/s",
    "tilt_deg": "tilt, deg",
    "delta_v_m_s": "propellant on board, m/s of delta-v",
    "ground_slope_deg": "slope of the ground at the pad, deg",
}


def card_page(card: Card, kind: FormatName, file: str, verified: str) -> str:
    """The page beside a file. `verified`: how its actions were compared with the original's."""
    inputs, outputs = card.network.sizes[0], card.network.sizes[-1]
    limits, training = card.limits, card.training
    return f"""\
# Model card: a policy that lands {limits.vehicle} on the Moon

`{file}` ({FORMATS[kind].meaning}) takes {inputs} numbers that the lander measures and gives
{outputs} commands, every {limits.control_interval_s:g} s. It has no memory and draws no random
numbers. Observations go in raw, as `act` below takes them. {verified}

## Call it

{NEEDS[kind]} `observation` is a float32 array of {inputs}, the action one of {outputs}; several at
once are rows.

```python
{call_code(card, kind, file)}```

## Fly with it

In the environment that it was trained in:

```python
{flight_code(card)}```

Elsewhere: measure the observation below, hold each action for {limits.control_interval_s:g} s. An
observation with a NaN gives actions that are NaN; an infinite number is clipped and gives actions
like any others: check that every number is finite before use.

## Training

{_training(card)}
## Evaluation

{_evaluation(card)}
## Limits of validity

It is not known to land anything else, or from anywhere else:

{_limits(limits)}
## Forward pass

{_forward(card)}
## Observation

Clipped to its range, then normalized by mean and deviation. h is the height (m) of the feet above
the ground below them, m the mass (kg). Pad axes: origin at the pad, z up. Body axes: origin at the
centre of mass without propellant, z to the nose.

{_observation(card)}
The reference is a field of velocities that lands {limits.vehicle}: `velocity_error` and
`acceleration_demand` of landerctl's env/task/reference.py calculate the error, its scales and the
demand from h, pad offset, velocity and the vehicle.

## Action

Each command is held for {limits.control_interval_s:g} s. Actuators follow theirs with a lag.

{_action(card)}
## License

{card.license}, as landerctl, which wrote this file. The weights are of whoever trained
{one_line(training.run_name)}.
"""


def _training(card: Card) -> str:
    training = card.training
    made = datetime.fromtimestamp(training.created_s, UTC).strftime("%Y-%m-%d %H:%M UTC")
    versions = ", ".join(f"{name} {version}" for name, version in training.versions.items())
    warm = warm_start_text(training.warm_start)
    return _table(
        ("What", "Value"),
        [
            ("run", f"{one_line(training.run_name)}, {training.run_id}"),
            ("checkpoint", f"{training.checkpoint}, {made}"),
            ("algorithm", f"{training.algorithm.upper()}, {training.mode}, seed {training.seed}"),
            ("steps", f"{training.timesteps:,} on {training.landers} landers{warm}"),
            ("stages", f"{training.stage} of {len(training.stages)}: {', '.join(training.stages)}"),
            ("versions", versions),
            ("fingerprint", training.fingerprint or "not recorded"),
        ],
    )


def _evaluation(card: Card) -> str:
    result = card.evaluation
    if result is None:
        return f"Not evaluated. This does: `{card.evaluate}`.\n"
    return (
        f"{counted(result.episodes, 'episode')} of stage {result.stage}, "
        f"{one_line(result.stage_name)}, on seeds from {result.first_seed}; mean and 95% "
        "interval.\n\n" + _table(("What", "Mean", "From", "To"), _figures(result))
    )


def _figures(result: EvaluationResult) -> list[tuple[str, ...]]:
    outcomes = ", ".join(f"{n} {name.replace('_', ' ')}" for name, n in result.outcomes.items())
    figures: list[tuple[str, Interval | None, float, int]] = [
        (f"success rate, % ({outcomes})", result.success_rate, 100.0, 1),
        ("touchdown speed, m/s", result.touchdown_speed_m_s, 1.0, 2),
        ("touchdown tilt, deg", result.touchdown_tilt_deg, 1.0, 2),
        ("distance from the pad, m", result.distance_m, 1.0, 2),
        ("propellant left, % of the start's", result.fuel_left, 100.0, 1),
        ("steps of an episode", result.episode_steps, 1.0, 0),
    ]
    return [
        (name, *_numbers(interval, scale, digits))
        for name, interval, scale, digits in figures
        if interval is not None
    ]


def _numbers(interval: Interval, scale: float, digits: int) -> list[str]:
    values = (interval.mean, interval.low, interval.high)
    return ["" if value is None else f"{scale * value:.{digits}f}" for value in values]


def _limits(limits: Limits) -> str:
    ground = limits.height_map or "a synthetic Moon (craters, hills, boulders)"
    start = limits.start
    rows = [(name, _span(start[key])) for key, name in _RANGES.items()]
    return _table(
        ("What", "Value"),
        [
            ("vehicle", f"{limits.vehicle}, every actuator working"),
            ("start", f"stage {limits.stage}, {one_line(limits.stage_name)}"),
            *rows,
            (
                "ground",
                f"{ground}, relief {start['relief']:g} beyond {start['clear_radius_m']:g} m",
            ),
            ("time limit, s", _span(start["time_limit_s"])),
            ("control interval, s", f"{limits.control_interval_s:g}"),
            ("sensor noise", f"{limits.sensor_noise:g} times that of landerctl's instruments"),
        ],
    )


def _span(value: tuple[float, float] | float) -> str:
    return f"{value[0]:g} to {value[1]:g}" if isinstance(value, tuple) else f"{value:g}"


def _forward(card: Card) -> str:
    network = card.network
    activation = "tanh" if network.activation == "tanh" else "max(0, .)"
    last = "tanh(y)" if network.output == "tanh" else "min(max(y, -1), 1)"
    sizes = ", ".join(map(str, network.sizes[1:-1]))
    return f"""\
    x = (observation - mean) / deviation       in double precision
    x = min(max(x, -{network.clip:g}), {network.clip:g})          rounded to single precision
    x = {activation}(W x + b)                        for each hidden layer, of {sizes}
    y = W x + b
    action = {last}
"""


def _observation(card: Card) -> str:
    return _table(
        ("Index", "Name", "Unit", "Range", "Mean", "Deviation", "Meaning"),
        [
            (
                str(row.index),
                row.name,
                row.unit,
                f"{row.low:g} to {row.high:g}",
                f"{row.mean:.9g}",
                f"{row.deviation:.9g}",
                row.meaning,
            )
            for row in card.observation
        ],
    )


def _action(card: Card) -> str:
    rows = [(str(row.index), row.name, row.meaning) for row in card.action]
    return _table(("Index", "Name", "Meaning of -1 to 1"), rows)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(map(_cell, line))} |\n" for line in lines)


def _cell(text: str) -> str:
    # A bar would begin the next cell.
    return text.replace("|", "\\|")
