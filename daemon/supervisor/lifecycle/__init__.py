"""A supervisor's start and its configuration: launch, previous session, reload."""
