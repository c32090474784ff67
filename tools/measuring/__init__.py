"""How large the code is, and how much of it a request walks through."""
