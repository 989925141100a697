//! Runs workflows: the pure `advance`, the loop that carries commands out, triggers and timers.
