"""Files of people over HTTP, and the work on them beside requests."""
