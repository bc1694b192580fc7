"""Lets ``python -m simsme`` do what ``simsme`` does."""

from simsme.cli import main

if __name__ == "__main__":
    main()
