"""The list of common passwords, made from those of others."""
