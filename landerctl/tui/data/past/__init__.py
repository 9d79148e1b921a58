"""Snapshots of the past: what the store and the folders say about an earlier moment."""
