"""The drill `environment`."""
