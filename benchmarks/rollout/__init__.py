"""The last release and this program at once, on one database behind haproxy."""
