"""Finding communications by their words (SD 11.1(a)): what counts as a word, in texts and in what is looked for."""
