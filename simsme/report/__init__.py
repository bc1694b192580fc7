"""The report of a stored run: one HTML file that needs no network and no program but a browser."""
