"""The catalogue of subsidies, rules of incompatibility, and the fund plans that limit what may be paid."""
