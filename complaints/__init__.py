"""Complaints and tip-offs: the queue, its clocks, its escalation, and the sealed referral."""
