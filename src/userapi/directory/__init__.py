"""The directory: users are listed, filtered, sorted and searched."""
