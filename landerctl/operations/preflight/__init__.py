"""The preflight's measurements; what they mean is judged in :mod:`checks.preflight`."""
