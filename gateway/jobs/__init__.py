"""Work that goes on beside requests, in every worker, and takes up what another process left."""
