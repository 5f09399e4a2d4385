"""The doors to what the Code Manager defines: process types, and the working calendar."""

from sdes.administration.routes.catalogue import forms, process_types, working_calendar

handlers = [
    process_types.index,
    process_types.show,
    forms.new,
    forms.add,
    forms.edit,
    forms.change,
    forms.withdraw,
    working_calendar.index,
    working_calendar.add,
    working_calendar.remove,
]
