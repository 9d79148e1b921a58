"""Which state a rollback goes to: the target as typed, the candidates, the usable one."""
