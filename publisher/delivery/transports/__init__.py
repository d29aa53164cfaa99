"""Ways out: a Maildir on this machine, a mail server."""
