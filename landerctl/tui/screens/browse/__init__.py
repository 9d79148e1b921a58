"""A page of sections with rows: expand, filter, open one."""
