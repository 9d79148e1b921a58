"""The trainer as a supervised process: its states, restarts, reports and exits."""
