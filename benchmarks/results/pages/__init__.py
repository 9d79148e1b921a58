"""docs/results.md and its pictures, from the records in docs/results/."""
