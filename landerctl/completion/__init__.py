"""The shell's completion without Typer, whose start takes most of a second at each TAB."""
