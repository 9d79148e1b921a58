"""What lies over the panels: dialogs and help."""
