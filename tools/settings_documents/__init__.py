"""What is written about the settings, from their declarations."""
