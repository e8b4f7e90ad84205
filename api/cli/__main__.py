"""``python -m otolith.api.cli``: the same as ``otolith``."""

from otolith.api.cli import main

main()
