"""Where people and programs talk with the assistant; a channel translates and decides nothing."""
