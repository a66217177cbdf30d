"""Reports as files: CSV and workbooks, written to disk as their rows are read, then sent."""
