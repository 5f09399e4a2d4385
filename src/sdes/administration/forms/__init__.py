"""What administrators post, turned into values or sentences, a file a noun."""
