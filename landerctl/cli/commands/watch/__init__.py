"""Verbs that show a training: events, metrics, alerts, plots, the screen."""
