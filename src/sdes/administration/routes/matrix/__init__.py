"""The doors to the matrix of who works at which level of which process."""

from sdes.administration.routes.matrix import assignments, use_case

handlers = [
    assignments.index,
    assignments.save,
    use_case.show,
    use_case.save,
    use_case.ask,
    use_case.save_everybody,
]
