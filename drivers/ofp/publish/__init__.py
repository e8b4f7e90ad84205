"""What is published of OFP, made from the codec: header, tables and test vectors.

python -m otolith.drivers.ofp.publish docs/protocols
"""
