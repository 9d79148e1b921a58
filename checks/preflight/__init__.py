"""Preflight: what a machine and its configuration need before a deployment, as pure judgements."""
