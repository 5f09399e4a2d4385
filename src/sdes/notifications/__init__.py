"""What people are told: rows for the bell in the page, and the e-mail made of those that nobody looked at in time.

A notification is a row first, written in the transaction that causes it. The row is what the bell shows and what the
mail is made of; it goes when its communication is deleted.
"""
