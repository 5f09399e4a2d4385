"""The doors of many communications at once: the list, what is done with its ticked rows, saved filters, export."""

from sdes.sdep.routes.lists import bulk, export, index, saved_filters

handlers = [
    index.index,
    bulk.act,
    saved_filters.index,
    saved_filters.new,
    saved_filters.save,
    saved_filters.show,
    saved_filters.change,
    saved_filters.remove,
    export.ask,
    export.download,
    export.download_deleting,
]
