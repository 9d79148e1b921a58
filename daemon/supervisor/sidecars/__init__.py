"""Sidecars beside the training, and the service manager above it.

Training never depends on them.
"""
