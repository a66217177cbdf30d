"""Work beside requests: queued jobs, and what is done once a day."""
