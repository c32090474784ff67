"""What `userapi doctor` looks at, and how it tells what it saw."""
