"""What a package with features of its own tests itself with; it needs pytest."""
