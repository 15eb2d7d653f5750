"""Ways out of the house: one module for each provider, all behind one protocol."""
