"""The production checklist as code: each check takes evidence and returns a verdict."""
