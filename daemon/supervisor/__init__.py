"""The supervisor: keeps the trainer alive, records what happens, answers the control socket."""
