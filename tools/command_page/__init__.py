"""The page of the commands, made from the commands themselves."""
