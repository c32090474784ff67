"""The devices that accounts have logged in from: seen and forgotten."""
