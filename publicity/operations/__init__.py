"""Verbs that change publicity: lists are opened, posted and taken down; codes are made and revoked."""

from publicity.operations.codes import create_missing_qr_codes, create_qr_code, revoke_qr_code
from publicity.operations.lists import publicise_again, publicise_results, publicise_roll, withdraw_lists
from publicity.operations.posting import confirm_posting, read_posting_photo, withdraw_posting

__all__ = [
    "confirm_posting",
    "create_missing_qr_codes",
    "create_qr_code",
    "publicise_again",
    "publicise_results",
    "publicise_roll",
    "read_posting_photo",
    "revoke_qr_code",
    "withdraw_lists",
    "withdraw_posting",
]
