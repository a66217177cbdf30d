"""Compiled reads: a query over mapped types becomes one statement per root field and a projection of its rows."""
