"""Mail: composed from ids and codes when it is sent, delivered by SMTP or, in demo mode, to a page."""
