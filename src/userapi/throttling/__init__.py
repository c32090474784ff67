"""What failed logins lead to: delays, stops, and what spares known devices both."""
