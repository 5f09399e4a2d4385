"""The inside of `sdes.kit.sheets_read`: how rows are taken from files, in a process of their own.

Keep this file without imports: that process loads it before it is bounded.
"""
