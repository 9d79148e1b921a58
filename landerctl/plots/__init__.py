"""Pictures for a report, a file each. Imported by `landerctl plot` alone: matplotlib takes time."""
