"""`python -m reports` is the same as `support-reports`."""

from reports.cli import main

if __name__ == "__main__":
    main()
