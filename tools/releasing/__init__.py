"""Releases, and what a release promises: used by tools/release and tools/contract-changes."""


class Refused(Exception):
    """What was asked for cannot be done; the message tells a person why."""
