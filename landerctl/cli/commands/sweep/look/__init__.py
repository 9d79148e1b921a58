"""The verbs that show how a sweep and its trials stand."""
