"""The queries beside those of the root, one module for each subject."""
