"""The demo state: invented LEAs, schools, people and relying parties, the same ones for the same size."""
