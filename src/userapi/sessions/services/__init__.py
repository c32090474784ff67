"""What happens to login sessions."""
