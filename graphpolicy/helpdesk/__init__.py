"""What the helpdesk may do for whom: house rules, limits, the order of things. Pure."""
