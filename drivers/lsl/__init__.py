"""Streams of the Lab Streaming Layer (labstreaminglayer.org), as boards and from boards."""
