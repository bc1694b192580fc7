"""The mix of levers that saves the most for the public money: what there is to choose from, the search, what it is judged by, its files."""
