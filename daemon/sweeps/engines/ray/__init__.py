"""Trials on a Ray cluster, one actor each. Only `engine.py` and `cluster.py` import Ray."""
