"""How many users and sessions there are, and what happens on a day."""
