"""What leaves the portal as files: columns and rows; one file a kind."""
