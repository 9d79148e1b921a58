"""Flies dispersed episodes."""
