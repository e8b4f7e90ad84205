"""FTDI's USB serial chips (FT232R, FT232H and their like) over any wire: no kernel driver, no vendor library."""
