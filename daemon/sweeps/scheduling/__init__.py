"""Which trials end early: pure functions of what the trials reached."""
