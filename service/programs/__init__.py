"""Programs: exercises made harder along one axis at a time, and the rules that decide when."""
