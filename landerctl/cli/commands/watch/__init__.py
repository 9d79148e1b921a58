"""Look at a training: events, metrics, alerts, plots, the screen."""
