"""Collecting facts of single topics, each with its type."""
