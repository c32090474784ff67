"""What admins do for the accounts of others."""
