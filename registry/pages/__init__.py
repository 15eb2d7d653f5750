"""The staff pages of the registry, by subject."""
