"""Posts: a second resource, and the pattern for adding your own."""
