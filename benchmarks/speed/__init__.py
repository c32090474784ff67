"""The speed of the service beside that of others; `make bench`, and docs/performance.md."""
