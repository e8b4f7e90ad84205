"""XDF files of the Lab Streaming Layer (github.com/sccn/xdf, specification 1.0)."""
