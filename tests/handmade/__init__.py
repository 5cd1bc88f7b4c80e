"""Where sites kept AniList's tokens before, by their own hands: too short, in the clear, in sessions."""
