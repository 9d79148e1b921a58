"""The curriculum as pure logic: how hard the task is, what was flown, and what that calls for."""
