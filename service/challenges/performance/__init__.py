"""How a task was performed: for each kind of it what a recording of it is measured by, and the score of the set."""
