"""How people get accounts, and how they prove their addresses."""
