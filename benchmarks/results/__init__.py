"""What landerctl achieves, measured by running it: `make results`, and docs/results.md of it."""
