"""Copies elsewhere: object stores and second disks. What needs obstore is in here alone."""
