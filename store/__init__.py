"""The only room that speaks SQL: typed functions over named statements, rows in, frozen dataclasses out."""
