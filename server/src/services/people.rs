//! placeholder while written elsewhere
