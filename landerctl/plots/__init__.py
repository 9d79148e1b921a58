"""Figures for a report, one file each. Imported only by `landerctl plot`: matplotlib is slow."""

import atexit
import os
import shutil
import tempfile

from daemon.base.user import home_folder

if home_folder(os.environ) is None and "MPLCONFIGDIR" not in os.environ:
    # matplotlib cannot be imported without a folder for its cache, a list of fonts.
    os.environ["MPLCONFIGDIR"] = tempfile.mkdtemp(prefix="landerctl-matplotlib-")
    atexit.register(shutil.rmtree, os.environ["MPLCONFIGDIR"], ignore_errors=True)
