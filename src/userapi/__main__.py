"""The console script `userapi`, also as `python -m userapi`."""

from userapi.kit.collector import loading


def main() -> None:
    """Run the command that the process's arguments name."""
    with loading():
        from userapi.console import run  # noqa: PLC0415 - it is what is loaded
    run()


if __name__ == "__main__":
    main()
