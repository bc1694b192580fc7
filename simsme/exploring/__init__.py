"""The explorer: sliders and switches for a scenario, and a picture that follows by simulating."""
