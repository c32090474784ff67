"""Private notes: a feature for userapi that lives in a package of its own."""
