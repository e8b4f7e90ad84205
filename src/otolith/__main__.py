"""``python -m otolith`` is ``otolith``."""

from otolith.api.cli import main

if __name__ == "__main__":
    main()
