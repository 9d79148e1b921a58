"""Speed, memory and progress of a run: its figures, and the time that it still takes."""
