"""Generates docs/environment.md from the tables in the code: `python -m env.page`."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace

from env.base.moon import MOON_RATE_RAD_S
from env.physics import actuators, contact
from env.physics.vehicle import Vehicle
from env.physics.vehicles import STARSHIP_HLS, VEHICLES
from env.sensing.lidar import FLASH_LIDAR, RAYS, SECTORS
from env.sensing.sensors import NOISY
from env.stepping import judgement
from env.task import reward
from env.task.flyable import LARGEST_SENSED_M
from env.task.observation import observation_table
from env.task.returns import failure_returns, landing_returns
from env.task.start import TOUCHDOWN, Range, StartConditions
from env.terrain import site

# From the farthest start that can be flown: the approach gives nothing away.
FARTHEST_M = (0.0, LARGEST_SENSED_M)
FARTHEST = replace(TOUCHDOWN, altitude_m=FARTHEST_M, downrange_m=FARTHEST_M)

_HEAD = """\
# What does the lander see, do and earn?

This page is generated from the code (`python -m env.page`); a test compares the two.

`landerctl/LunarLander-v0` is one craft, `env.fleet.LanderFleet` any number of them in one Basilisk
simulation. An episode depends only on its 64-bit seed, not on the fleet's size or threads.

    import gymnasium
    lander = gymnasium.make("env:landerctl/LunarLander-v0", render_mode="rgb_array")
    landers = gymnasium.make_vec("env:landerctl/LunarLander-v0", num_envs=64)    # one simulation

The other ids, pictures and films: [film.md](film.md). Coming from bsk_rl: [bsk_rl.md](bsk_rl.md).

`reset(options=...)` takes `start`, the `StartConditions` of this and later episodes, and
`episode_seed`, the `seed` in the `info` of an episode to fly again.

Pad axes: the pad is where the Moon's +z axis meets its surface, z is up. Body axes: the origin is
the centre of mass without propellant, z points to the nose.
"""


def render_environment_page() -> str:
    """The page as Markdown."""
    return "\n".join(
        [
            _HEAD,
            _observations(),
            _sensors(),
            _lidar(),
            _ground(),
            _actions(),
            _rewards(),
            _outcomes(),
            *map(_vehicle, VEHICLES.values()),
            _left_out(),
        ]
    )


def _table(header: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [header, tuple("---" for _ in header), *rows]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)


def _observations() -> str:
    rows = [
        (str(index), f"`{row.name}`", row.unit, f"{row.low:g} to {row.high:g}")
        for index, row in enumerate(observation_table(STARSHIP_HLS))
    ]
    return (
        f"## Observation: {len(rows)} numbers for `{STARSHIP_HLS.name}`\n\n"
        + _table(("Index", "Name", "Unit", "Range"), rows)
        + """
The actuators' states come last, in the layout of the vehicle's action. Everything before them is
measured by the instruments, with noise (time left and feet down are exact); reward and landing are
judged by the true state.
"""
    )


def _ground() -> str:
    slope = math.degrees(math.atan(site.MAX_SITE_SLOPE))
    return f"""\
## Ground

![The two height maps, lit from the west](ground.png)

Each episode has its own: its seed selects a window, rotated and mirrored, in two height maps of a
synthetic Moon (craters from 4 m to 4 km by published counts and shapes, hills, boulders), and a
slope. A stage sets its amount: `relief` from 0 (a plain) to 1, `clear_radius_m` around the pad
without relief, `ground_slope_deg`. Where relief reaches the pad, windows are drawn until the
{site.FOOTPRINT_RADIUS_M:g} m around it slope by {slope:.0f}° and rise by
{site.MAX_SITE_RELIEF_M:g} m at most, as a mission would choose its site. Feet, altimeter and LiDAR
use the same ground, on a sphere. `terrain.height_map` in config.toml replaces the large craters and
hills by a map of your own (a .npy array or a GeoTIFF, heights in metres).

Each foot is a spring and a damper, sticks and slips by Coulomb's law, and sinks into regolith by
Bekker's relation (`env/physics/contact.py`, `env/physics/regolith.py`). Contact is skipped while no
foot can be within {contact.CLEAR_HEIGHT_M:g} m of the ground, which does not change the result.
"""


def _left_out() -> str:
    coriolis = 2.0 * MOON_RATE_RAD_S * 200.0
    return f"""\
## What is left out

- The Moon does not rotate: {1e3 * coriolis:.1f} mm/s² of Coriolis acceleration at 200 m/s.
- Its gravity is that of a point mass: mascons change it by a few mm/s².
- No propellant slosh, no structural bending, no forces or erosion by plumes.
- Navigation is an error model (bias, scale, noise), not a filter on raw measurements.
- RCS pulses are averaged; thrusters of a group act as one.
"""


def _lidar() -> str:
    return f"""\
## LiDAR

{RAYS} rays in a cone of {math.degrees(FLASH_LIDAR.half_angle_rad):.0f}° about body -z, out to
{FLASH_LIDAR.max_range_m:g} m, measure the first ground that they hit, with an error of
{FLASH_LIDAR.range_sigma_m:g} m + {FLASH_LIDAR.range_sigma_fraction:g} of the range (1 sigma);
{FLASH_LIDAR.dropout_probability:.0%} are lost, as are those at grazing incidence or more than
{math.degrees(FLASH_LIDAR.max_off_nadir_rad):.0f}° off nadir. A frame is held for
{FLASH_LIDAR.frame_interval_s:g} s. The observation
contains, levelled by the estimated attitude: for each of {SECTORS} sectors about body z (the first
from +x towards +y) the height of its ground above the mean, divided by the hits' distance; the
height over the highest hit and over the mean one; the standard deviation; the share of rays that
returned.
"""


def _sensors() -> str:
    rows = [(f"`{name}`", f"{value:.3g}") for name, value in vars(NOISY).items()]
    return (
        "## Sensors\n\n"
        + _table(("Standard deviation", "Value"), rows)
        + """
A bias is drawn for each episode, noise for each reading. Fractions are of the height (position) or
of the reading. `sensors.noise` in config.toml scales them all; 0 turns them off.
"""
    )


def _actions() -> str:
    headings = [f"`{craft.name}`" for craft in VEHICLES.values()]
    columns = [_commands(craft) for craft in VEHICLES.values()]
    rows = [
        (name, *(column[name] for column in columns))
        for name in ("engine throttles", "gimbal angles", "landing-thruster groups", "RCS axes")
    ]
    delays = ", ".join(f"{c.engine_start_delay_s:g} s ({c.name})" for c in VEHICLES.values())
    return (
        "## Action: commands in [-1, 1], layout by vehicle\n\n"
        + _table(("Command", *headings), rows)
        + f"""
An engine starts when its command has been above {actuators.START_COMMAND:g} for {delays}, and shuts
off when it has been below {actuators.STOP_COMMAND:g} for the same time: exploration noise around a
mean neither starts nor stops one. Up to {actuators.IDLE_COMMAND:g} a running engine idles. Gimbal
angles are given per engine, x then y. All actuators follow their commands with a first-order lag,
gimbals with a rate limit. Commands out of range are clipped; NaN raises an error. The first contact
of a foot cuts all thrust.
"""
    )


def _commands(craft: Vehicle) -> dict[str, str]:
    """What each part of a vehicle's action means, with its indices."""
    gimbals, groups = craft.n_engines, 3 * craft.n_engines
    rcs = groups + craft.n_landing_thrusters
    return {
        "engine throttles": f"{_indices(0, gimbals)}: off, or "
        f"{craft.engine_minimum_throttle:.0%} to 100% of full thrust",
        "gimbal angles": f"{_indices(gimbals, groups)}: ±{math.degrees(craft.engine_gimbal_rad):g}°"
        f" at up to {math.degrees(craft.gimbal_rate_rad_s):g}°/s",
        "landing-thruster groups": f"{_indices(groups, rcs)}: 0 to 100% of full thrust, linear"
        if craft.n_landing_thrusters
        else "none",
        "RCS axes": f"{_indices(rcs, craft.n_actions)}: ± full torque about x, y, z",
    }


def _indices(first: int, end: int) -> str:
    return f"{first}" if end - first == 1 else f"{first}-{end - 1}"


def _rewards() -> str:
    rows = [
        ("`shaping`", f"change of a potential between 0 and {reward.POTENTIAL_MAX:g}"),
        ("`landing`", f"{reward.LANDING_REWARD:g}"),
        ("`precision`", f"to {reward.PRECISION_BONUS:g}; half at 5 m from the pad"),
        (
            "`softness`",
            f"to {reward.SOFTNESS_BONUS:g}; 0 at {reward.MAX_TOUCHDOWN_SPEED_M_S:g} m/s",
        ),
        ("`attitude`", f"to {reward.ATTITUDE_BONUS:g}, by the tilt at the first contact"),
        ("`fuel`", f"to {reward.FUEL_BONUS:g}, by the share of propellant left"),
        ("`smoothness`", f"to {reward.SMOOTHNESS_BONUS:g}, by how little the action changes"),
        (
            "`failure`",
            f"crash {reward.CRASH_PENALTY:g} to "
            f"{reward.CRASH_PENALTY + reward.CRASH_SPEED_PENALTY:g}, "
            f"hard landing and off target {reward.HARD_LANDING_PENALTY:g} to "
            f"{2 * reward.HARD_LANDING_PENALTY:g}, timeout {reward.TIMEOUT_PENALTY:g} to "
            f"{reward.TIMEOUT_PENALTY + reward.TIMEOUT_DISTANCE_PENALTY:g}, "
            f"abort {reward.ABORT_PENALTY:g} to "
            f"{reward.ABORT_PENALTY + reward.ABORT_SPEED_PENALTY:g}",
        ),
    ]
    return (
        "## Reward by component\n\n"
        + _table(("Component", "Worth"), rows)
        + f"""
The rewards of an episode sum to {_span(landing_returns)} with a landing, to
{_span(failure_returns)} without one, whatever the vehicle and the start. That is the sum of the
components above: shaping adds at most {reward.POTENTIAL_MAX:g}, less what every start has already
(nothing spins), and takes at most {reward.POTENTIAL_MAX:g}. Near the pad a start has more:
from stage 1's a landing earns at most {landing_returns(TOUCHDOWN)[1]:.0f} (`env.task.returns`).

Only landings earn bonuses. The potential rates distance to the pad, velocity errors against a
reference, thrust and attitude against its demand, and spin. Reference and distance are measured
from below the craft's centre: tilt swings the feet about it. As it is a potential, shaping sums to
its last value minus its first along any path, so no hovering, circling or falling earns more than a
landing. It is constant from the first contact on, so that the quality of the touchdown counts.
"""
    )


def _span(returns: Callable[[StartConditions], Range]) -> str:
    low, high = returns(FARTHEST)
    return f"between {low:.0f} and {high:.0f}"


def _outcomes() -> str:
    rows = [
        ("`LANDED`", "stands on the pad after a soft touchdown: the only success"),
        (
            "`HARD_LANDING`",
            f"stands, but a foot touched down faster than {reward.MAX_TOUCHDOWN_SPEED_M_S:g} m/s",
        ),
        ("`OFF_TARGET`", f"stands, but more than {reward.MAX_DISTANCE_M:g} m from the pad"),
        (
            "`CRASHED`",
            f"first contact above {judgement.IMPACT_SPEED_M_S:g} m/s, a leg at the end of its "
            "stroke, or toppled",
        ),
        ("`ABORTED`", "left the volume of the descent, or spins"),
        ("`TIMEOUT`", "still flying or moving at the stage's time limit"),
    ]
    return (
        "## How an episode ends\n\n"
        + _table(("Outcome", "Means"), rows)
        + f"""
All values are measured at the feet: the speed of the fastest foot in contact, the distance of
the point between the feet. A craft stands when it has moved slower than
{judgement.REST_SPEED_M_S:g} m/s on three feet or more for {judgement.REST_TIME_S:g} s.
"""
    )


def _vehicle(craft: Vehicle) -> str:
    n, m = craft.n_engines, craft.n_landing_thrusters
    rows = [
        (
            "dry mass and payload",
            f"{craft.dry_mass_kg / 1e3:g} t + {craft.payload_mass_kg / 1e3:g} t",
        ),
        (
            "engines",
            f"{n} x {craft.engine_thrust_n / 1e3:g} kN, Isp {craft.engine_isp_s:g} s, "
            f"minimum throttle {craft.engine_minimum_throttle:.0%}",
        ),
        (
            "landing thrusters",
            f"{m} groups x {craft.landing_thrust_n / 1e3:g} kN, Isp {craft.landing_isp_s:g} s"
            if m
            else "none",
        ),
        ("mixture ratio", f"{craft.oxidizer_to_fuel_ratio:g} (oxidizer to fuel)"),
        (
            "braking of the reference descent",
            f"{craft.braking.far_m_s2:g} m/s², {craft.braking.near_m_s2:g} m/s² in the last "
            f"{craft.braking.near_altitude_m:g} m",
        ),
        (
            "legs",
            f"4, feet on a circle of {craft.foot_radius_m:g} m radius, "
            f"pads of {craft.foot_pad_radius_m:g} m radius, stroke {craft.leg_stroke_m:g} m",
        ),
    ]
    module = craft.name.replace("-", "_")
    return (
        f"## Vehicle: {craft.name}\n\n"
        + _table(("Part", "Figures"), rows)
        + f"\n`env/physics/vehicles/{module}.py` has every number with its unit and source, "
        "or that it is assumed.\n"
    )


if __name__ == "__main__":
    sys.stdout.write(render_environment_page())
