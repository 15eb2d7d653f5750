"""Figures for everybody: how much was paid, what failed and was repaired, how complaints were answered; no person."""
