"""Offsite copies of backups: object stores and second disks. Only this package uses obstore."""
