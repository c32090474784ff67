"""What happens to passwords."""
