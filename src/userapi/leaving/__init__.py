"""Leaving: what is kept of a person is shown, the account closed, restored, and erased."""
