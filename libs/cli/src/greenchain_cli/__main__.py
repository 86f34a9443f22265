"""`python -m greenchain_cli` is the same as `greenchain`."""

from greenchain_cli.main import main

if __name__ == "__main__":
    main()
