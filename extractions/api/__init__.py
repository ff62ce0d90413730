"""The portal's own API: the dialect that it forwards to, for programs that change only address and key."""
