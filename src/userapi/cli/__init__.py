"""The commands of the `userapi` console script."""
