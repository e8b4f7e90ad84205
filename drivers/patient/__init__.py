"""People on simulated boards: they hear what is asked of them, and do it as well as they can."""
