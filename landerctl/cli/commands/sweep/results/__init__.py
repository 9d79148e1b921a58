"""The verbs that show what a sweep found."""
