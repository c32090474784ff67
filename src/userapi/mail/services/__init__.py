"""What happens to mails after they were left, one file per group of use cases."""
