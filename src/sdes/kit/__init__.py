"""What every feature uses and what knows nothing of energy: database, rendering, forms, clock, crypto, errors."""
