"""Tables in files: read in a child process from whatever people send, written so that no formula runs."""
