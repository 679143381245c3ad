"""`python -m reports` is the same as `support-reports`."""

from reports.commands.cli import main

if __name__ == "__main__":
    main()
