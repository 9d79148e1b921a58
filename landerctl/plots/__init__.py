"""Figures for a report, one file each. Imported only by `landerctl plot`: matplotlib is slow."""
