"""Back-ups of the whole database in one encrypted file, and the way back."""
