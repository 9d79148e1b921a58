"""Where settings come from: files, variables, options; their order and origins."""
