"""What can be recorded: events and metrics, with their meaning, and the pages made from them."""
