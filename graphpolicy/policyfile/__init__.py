"""Policy files: YAML text to what it declares, with the place of every value, and back."""
