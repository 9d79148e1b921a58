"""The production checklist as code: each check takes evidence and gives a verdict."""
