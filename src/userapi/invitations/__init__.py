"""Invitations to have an account."""
