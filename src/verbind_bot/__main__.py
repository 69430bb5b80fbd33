"""`python -m verbind_bot` is the same as `verbind-bot`."""

from verbind_bot.channels.cli import main

if __name__ == "__main__":
    main()
