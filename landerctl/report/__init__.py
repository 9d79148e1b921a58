"""The report on a run for people without the program: HTML or Markdown, one file."""
