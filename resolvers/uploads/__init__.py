"""Files of people, from upload to applied: validated row by row, then carried out in one transaction or not at all."""
