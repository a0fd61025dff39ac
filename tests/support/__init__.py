"""What tests need to say only what they are about."""
