"""The mutations of the public contract, one module for each subject."""
