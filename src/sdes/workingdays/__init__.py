"""The working calendar: which days count, when a response falls due, how much time is left.

Working Day        not a Saturday, Sunday, Christmas Day, Good Friday or bank holiday of England and Wales; the table of
                   extra days adds or takes away single days (proclaimed at short notice).
Operational hours  08:00 to 18:00, London time, on Working Days.
WD, OH             a count of Working Days, of operational hours.
"""
