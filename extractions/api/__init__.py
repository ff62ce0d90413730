"""The portal's own API: the dialect that it forwards to, and /api/v1/ for what that lacks."""
