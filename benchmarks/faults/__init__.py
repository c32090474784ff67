"""Faults on purpose, and what becomes of the service: `make faults`, `make soak`."""
