"""What a vector search costs under each strategy."""
