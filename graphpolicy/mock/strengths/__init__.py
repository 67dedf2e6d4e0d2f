"""Authentication strengths, and the Conditional Access policies that demand them."""
