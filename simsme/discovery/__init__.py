"""Where something happens often: boxes of a few features, found on one half of the cases and reported on the other."""
