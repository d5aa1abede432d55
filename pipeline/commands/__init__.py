"""The commands, a file for each kind of user's errand: parse, call, print. :mod:`pipeline.cli` lists them."""
