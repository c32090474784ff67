"""The use cases of imports and exports."""
