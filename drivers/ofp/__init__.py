"""OFP, the Open Force Plate protocol for plates that people build themselves: docs/protocols/ofp.md."""
