"""What people do beyond review: bulk actions, moves, recovery, trash, holds, guest links, and what a team sets up."""
