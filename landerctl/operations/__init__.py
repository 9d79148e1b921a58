"""What verbs and screens have done: asked of the daemon, or carried out without one."""
