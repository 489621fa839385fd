//! What the program does besides serving, each named on its command line.

pub mod check;
pub mod migrate;
pub mod reset_password;
