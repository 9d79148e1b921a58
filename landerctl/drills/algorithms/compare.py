"""Compares three trainings, each of one seed: what holds is of these three. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from daemon.protocol.finding import Figure, Finding
from landerctl.drills.algorithms.learning import FIRST_LANDINGS, Learning

# The 95% interval of a success rate of 100 episodes is at most 0.1 to each side.
COMPETITIVE = 0.1
LARGEST_STABLE_FALL = 0.2  # from the top of one to the bottom of another


def completes(one: Learning) -> Finding:
    """Whether a training ended by itself: its row of the table."""
    how = "" if one.completed else "it did not complete: "
    return Finding(one.algorithm, one.completed, how + one.row(), one.figures())


def compare(ppo: Learning, sac: Learning, td3: Learning) -> Iterator[Finding]:
    """A finding for each line about more than one of them."""
    every = (ppo, sac, td3)
    yield _positive(every)
    faults = [f"{one.name}: {fault}" for one in every for fault in one.faults]
    text = "; ".join(faults) or "no crash, no hang, no number that is not finite"
    yield Finding("no-algorithm-crashes", not faults, text, {"faults": len(faults)})
    yield _stable(ppo, sac, td3)
    yield _efficient(ppo, sac)
    yield _competitive(ppo, sac, td3)
    yield _each_within("successful-landings", {one.name: one.landing_steps for one in every})


def _each_within(key: str, steps: Mapping[str, int | None]) -> Finding:
    text = ", ".join(
        f"{name} {'never' if at is None else f'at {at:,} steps'}" for name, at in steps.items()
    )
    figures: dict[str, Figure] = {f"{name.lower()}_steps": at for name, at in steps.items()}
    return Finding(key, None not in steps.values(), text, figures)


def _positive(every: Sequence[Learning]) -> Finding:
    """In training, or by the final model's mean action: exploring costs SAC and TD3 much reward."""
    reached = {
        one.name: one.positive_steps is not None or (one.final_reward or 0.0) > 0.0 for one in every
    }
    text = ", ".join(
        f"{one.name} in training {_steps(one.positive_steps)}, mean action "
        f"{'not evaluated' if one.final_reward is None else f'{one.final_reward:.0f}'}"
        for one in every
    )
    figures: dict[str, Figure] = {f"{one.algorithm}_steps": one.positive_steps for one in every}
    figures |= {f"{one.algorithm}_final_reward": one.final_reward for one in every}
    return Finding("positive-rewards", all(reached.values()), text, figures)


def _stable(ppo: Learning, sac: Learning, td3: Learning) -> Finding:
    falls = {one.name: one.largest_fall for one in (ppo, sac, td3)}
    figures: dict[str, Figure] = {
        f"{name.lower()}_largest_fall": fall for name, fall in falls.items()
    }
    if ppo.largest_fall is None:
        return Finding("ppo-stable", False, "PPO never landed", figures)
    others = [fall for fall in (sac.largest_fall, td3.largest_fall) if fall is not None]
    limit = max(LARGEST_STABLE_FALL, min(others, default=0.0))
    shown = ", ".join(
        f"{name} {'never landed' if fall is None else f'{fall:.0%}'}"
        for name, fall in falls.items()
    )
    text = f"largest fall of the success rate below its best: {shown}; PPO at most {limit:.0%}"
    return Finding("ppo-stable", ppo.largest_fall <= limit, text, figures)


def _efficient(ppo: Learning, sac: Learning) -> Finding:
    """By the mean actions after equal steps: exploring costs SAC many landings."""
    figures: dict[str, Figure] = {
        "sac_positive_steps": sac.positive_steps,
        "ppo_positive_steps": ppo.positive_steps,
        "sac_landing_steps": sac.landing_steps,
        "ppo_landing_steps": ppo.landing_steps,
    }
    if ppo.final is None or sac.final is None or sac.final.low is None or ppo.final.high is None:
        return Finding("sac-efficient", None, "no evaluation of both", figures)
    figures |= {"sac_success_low": sac.final.low, "ppo_success_high": ppo.final.high}
    text = (
        f"mean action: SAC {sac.final.mean:.0%} (95%: at least {sac.final.low:.0%}), PPO "
        f"{ppo.final.mean:.0%} (at most {ppo.final.high:.0%}); in training, positive mean "
        f"reward: SAC {_steps(sac.positive_steps)}, PPO {_steps(ppo.positive_steps)}; "
        f"{FIRST_LANDINGS} landings: SAC {_steps(sac.landing_steps)}, PPO "
        f"{_steps(ppo.landing_steps)}"
    )
    return Finding("sac-efficient", sac.final.low > ppo.final.high, text, figures)


def _competitive(ppo: Learning, sac: Learning, td3: Learning) -> Finding:
    every = (ppo, sac, td3)
    missing = [one.name for one in every if one.final is None]
    if missing:
        text = f"no evaluation of {' and '.join(missing)}"
        return Finding("td3-competitive", None, text)
    rates = {one.name: one.final.mean for one in every if one.final is not None}
    limit = max(rates["PPO"], rates["SAC"]) - COMPETITIVE
    good = rates["TD3"] > 0.0 and rates["TD3"] >= limit
    shown = ", ".join(f"{name} {rate:.0%}" for name, rate in rates.items())
    text = f"final success of the mean action: {shown}; TD3 at least {max(limit, 0.0):.0%}, above 0"
    figures: dict[str, Figure] = {f"{name.lower()}_final_success": rates[name] for name in rates}
    return Finding("td3-competitive", good, text, figures)


def _steps(steps: int | None) -> str:
    return "never" if steps is None else f"{steps:,} steps"
