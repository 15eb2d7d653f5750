"""Publicity lists and the QR codes and posters that lead to them."""
