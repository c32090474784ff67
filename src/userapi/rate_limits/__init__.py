"""How often an operation may be performed: counters, refusals, and what the answers tell."""
