"""The production checklist of landerctl as code: a check takes evidence, returns a verdict."""
