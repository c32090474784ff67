"""Metrics for Prometheus: what the processes record, and what is asked when they are scraped."""
