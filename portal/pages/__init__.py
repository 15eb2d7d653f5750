"""The views of the public door, one module for each thing that people come for."""
