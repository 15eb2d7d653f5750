"""Reads rolls as townships send them: finds the columns, tells lines from everything else, checks every line."""
