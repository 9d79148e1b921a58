"""Tests of `daemon.config.migration`."""
