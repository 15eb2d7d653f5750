"""What this room has and is not in the file that is handed to a person: nothing here is about people."""

from registry.hooks import PERSON_RECORDS

PERSON_RECORDS.leave_out(
    {
        "inclusion_opinions": "opinions of offices about a programme; the name of a file is encrypted",
        "offline_filings": "filings of offices about a programme; the name of a file is encrypted",
    }
)
