"""What the product costs, as a ratio to the least code that does the same work in the same run."""
