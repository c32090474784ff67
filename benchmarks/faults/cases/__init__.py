"""The cases, grouped by what is broken in them."""
