"""From an edition to mailboxes: people in and out, audience, message, transports, sending."""
