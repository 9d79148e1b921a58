"""The first hour and the first day of a run: their lines, judged over its history."""
