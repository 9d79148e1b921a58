"""The Typer commands, one file per verb. Each returns its exit code or raises Failure."""
