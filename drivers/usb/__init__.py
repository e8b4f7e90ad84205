"""USB: the only importer of pyusb."""
