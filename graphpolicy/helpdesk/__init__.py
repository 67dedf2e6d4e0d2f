"""What the helpdesk may do and for which people: house rules, limits, order of deletion. Pure."""
