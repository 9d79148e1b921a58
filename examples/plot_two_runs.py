"""Plots the reward of two runs against their steps: python plot_two_runs.py RUN RUN FILE.png"""

import sys

from matplotlib import pyplot as plt

from landerctl.api import Home

home, (first, second, file) = Home(), sys.argv[1:]
figure, axes = plt.subplots()
for run in (home.run(first), home.run(second)):
    reward = run.metrics("rollout/ep_rew_mean")
    axes.plot(reward["timesteps"] / 1e6, reward["value"], label=run.name)
axes.set(xlabel="million steps", ylabel="mean reward of an episode")
axes.legend()
figure.savefig(file)
