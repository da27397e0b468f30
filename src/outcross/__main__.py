"""`python -m outcross` is the command line."""

from outcross.cli import main

if __name__ == "__main__":
    main()
