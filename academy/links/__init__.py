"""Links that cannot rot: what each live page links to, the names it answers to, and what becomes of both when pages move or go."""
