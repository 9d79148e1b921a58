"""The Typer commands: one file a verb. Each returns its exit code or raises Failure."""
