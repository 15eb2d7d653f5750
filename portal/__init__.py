"""The public door: QR entry, lookup, open lists, handing in and tracking complaints."""
