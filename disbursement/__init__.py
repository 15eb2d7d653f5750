"""Batches, rolls, payments, attempts and bank files: from the township's list to the bank's answer."""
