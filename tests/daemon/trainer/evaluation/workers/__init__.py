"""Tests of the processes that fly together."""
