"""Accounts and sign-in, teams, memberships, roles, invitations, tokens, and the first-run setup."""
