"""Records what a change of the training gave, beside trainings without it: docs/learning.md."""
