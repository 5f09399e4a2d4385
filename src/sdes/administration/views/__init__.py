"""What pages, files and programs are given of people and companies."""
