"""Sweeps of simulated trials: real coordinator, store and engine interface."""
