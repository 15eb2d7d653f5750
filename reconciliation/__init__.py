"""Month-end (B7): bank statements, what of them is in the book and what is not, differences settled, the month signed
and closed."""
