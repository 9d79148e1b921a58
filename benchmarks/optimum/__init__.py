"""The least propellant of a descent (docs/fuel-optimum.md). Needs the extra landerctl[optimum]."""
