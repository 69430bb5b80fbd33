"""What "good" means, measured through the public door."""
