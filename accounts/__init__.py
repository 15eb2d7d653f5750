"""Organisations, officials, sign-in and permissions: who comes in at the staff door, and as whom."""
