"""Figures for a report, one file each. Imported only by `landerctl plot`: matplotlib is slow."""

from daemon.base.user import let_matplotlib_start

let_matplotlib_start()
