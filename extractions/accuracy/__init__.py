"""How often values are right: what reviews showed, counted by field, issuer, month and confidence."""
