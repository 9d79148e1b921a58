"""The reference pilot: classical guidance and control that lands the craft from every stage."""
