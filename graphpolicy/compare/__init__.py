"""What the files declare, compared with what the tenant has: differences, and requests. Pure."""
