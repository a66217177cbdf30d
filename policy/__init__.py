"""The pure core: who may do what, where, in which program and year. No IO, no clock, no framework."""
