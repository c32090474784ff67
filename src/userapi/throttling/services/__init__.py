"""What happens to failed logins, and to the devices that are trusted."""
