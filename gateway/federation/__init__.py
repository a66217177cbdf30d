"""Sign-in through a district's own identity provider: the way there and back, its answers judged, links of people."""
