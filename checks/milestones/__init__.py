"""Checks of a run's first hour and first day, evaluated on its history."""
