"""Measures trained policies by running landerctl: `make results` writes docs/results.md."""
