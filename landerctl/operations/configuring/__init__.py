"""Changing a configuration file: replacing its text, and what becomes of a change."""
