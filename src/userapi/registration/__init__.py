"""Registration and the creation of administrators."""
