"""What failed logins lead to: delays, lockouts, and trusted devices, which have neither."""
