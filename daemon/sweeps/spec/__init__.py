"""What a sweep is to do: `sweep.toml`."""
