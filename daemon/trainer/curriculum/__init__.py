"""The curriculum: difficulty, the record of what was flown, and the decisions from it."""
