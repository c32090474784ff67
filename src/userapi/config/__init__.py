"""Settings: each declared once, loaded in one pass, and documented from that."""
