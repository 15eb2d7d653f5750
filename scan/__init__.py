"""A hostile look from outside: scanners against a running demo county, both doors, signed in and not."""
