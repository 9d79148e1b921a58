"""Tests of `daemon.config.reference`."""
