//! Use cases by noun, with their permission checks. The API and the command line both call these.
