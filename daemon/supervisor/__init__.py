"""The supervisor: keeps the trainer alive, records what happens, answers the control socket.

Where to look::

    __main__, launch, claim    its process: detached, alone in its state folder, with a log
    supervisor                 the parts below put together; start, reload, orderly end

    trainer                    the supervised trainer: start, watch, restart, give up, stop
      states, restart, ends      which state may follow which; what follows a crash; how it is told
      trainer_process, lease     the process, its pipes, and the lock that says that it lives
      telemetry, saves           what it reports; who waits for a checkpoint

    control, requests          the socket; what its verbs do
      rollback                   the longest of them
    backup_service               backups and pruning after a checkpoint
    monitor, resources, alerts measure, judge, tell
      gpus                       what a GPU does, where there is one
    config_watch, hot_config   a changed configuration file
    tensorboard                the optional server beside the training

    recorder                   the only way to the store
    clock, guard               time passed in; tasks whose faults are told
"""
