//! One harness for tests: real router, temporary database, stopped clock, upstream servers.
