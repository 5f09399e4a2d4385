"""Words of the measured world: as long and as varied as people's."""

SUBJECTS = [
    "Customer switched without consent at",
    "Opening reading disputed after change of supply,",
    "Meter removed but still billed, please confirm",
    "Objection raised in error for",
    "Prepayment credit sent to the wrong supplier",
    "Debt assignment: missing flow for account",
    "Address in the register does not match the deeds of plot",
    "Final reading not received for",
]
FILE_NAMES = [
    "customer-letter.pdf",
    "readings-2026.xlsx",
    "photo of the meter at the property.jpg",
    "authorisation.docx",
    "extract.csv",
]
TEXT = (
    "Hello,\n\nour customer tells us that they never agreed to this change of supplier and asks to come back. We have "
    "checked the calls and the contract and find no sign of consent either. Could you please look at your side and "
    "confirm by the end of the week whether you agree that the transfer was erroneous?\n\nThe meter was read on the "
    "day of the transfer by our agent. The reading is in the attached file, together with the photograph that the "
    "customer sent us. The serial number matches the one in the register, so we believe that the meter is the right "
    "one and the address is what differs.\n\nIf you need anything else from us, answer here; we look at this list "
    "every morning. Please do not ring the customer before we have agreed on the dates, since they were rung three "
    "times last month and have complained about that as well.\n\nThank you and kind regards\n\n"
) * 2
