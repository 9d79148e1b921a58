"""A sweep as a page: its trials, several side by side."""
