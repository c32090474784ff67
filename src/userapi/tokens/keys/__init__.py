"""Keys that sign tokens: the ring, and where its keys are kept."""
