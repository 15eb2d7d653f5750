"""Messages to and from phones: the outbox, its gateways, and their receipts."""
