"""`python -m massive_kit` is the command `massive-kit`."""

from massive_kit.cli.app import main

if __name__ == "__main__":
    main()
