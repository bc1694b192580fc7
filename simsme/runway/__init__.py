"""The runway of one firm: how long its cash lasts, what would help, and how much it needs. The same engine, one firm, many draws."""
