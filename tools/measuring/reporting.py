"""The command: what was measured, and whether it is within the limits."""

import argparse
import sys
from statistics import median

import click

from measuring.sizes import functions_in, problems_in
from measuring.walks import MAX_FILES, SOURCE, walks


def main() -> None:
    """Print the measures, and end with status 1 when one is over its limit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--list", action="store_true", help="list the files that requests enter")
    is_listed = parser.parse_args().list
    problems = problems_in(SOURCE)
    lengths = [function.lines for function in functions_in(SOURCE)]
    click.echo(f"functions: {len(lengths)}, median {median(lengths):g}, longest {max(lengths)}")
    for request, files in walks().items():
        limit = MAX_FILES[request]
        click.echo(f"{request}: enters {len(files)} files, at most {limit}")
        if is_listed:
            click.echo("".join(f"  {name}\n" for name in files), nl=False)
        if len(files) > limit:
            problems.append(f"{request} enters {len(files)} files, at most {limit}")
    for problem in problems:
        click.echo(problem, err=True)
    sys.exit(bool(problems))
