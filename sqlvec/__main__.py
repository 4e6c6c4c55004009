"""Entry point of `python -m sqlvec`."""

from .cli import main

main(prog_name="sqlvec")
