"""The screens above the panels: dialogs, alerts and help."""
