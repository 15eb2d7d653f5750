"""Regions, beneficiaries, cards and card gaps: who lives where, and whose card receives the money."""
