"""Everything a person touches: the command line, the terminal chat and the Discord bot."""
