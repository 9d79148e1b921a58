"""The operator's side: Typer commands and Textual screens. Imports nothing heavy."""
