"""What happens to invitations."""
