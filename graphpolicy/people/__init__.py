"""Who may use what: one account of it for guards, plans and the helpdesk."""
