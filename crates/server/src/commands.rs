//! The commands of the program besides serving.

pub mod check;
pub mod migrate;
pub mod reset_password;
