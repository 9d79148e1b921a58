"""The supervisor process: keeps the trainer running, records events, serves the control socket.

It imports no learning or simulation code: that is daemon.trainer's.
"""
