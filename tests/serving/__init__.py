"""The web server with clients that are slow, or pretend to be."""
