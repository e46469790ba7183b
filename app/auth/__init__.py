"""Who is there, and what may they do: passwords, sessions, tokens, the door every request passes."""
