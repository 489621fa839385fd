//! What todo-ai-chatbot knows and decides, without any I/O.
//!
//! Start at [`command`] (the one door to a todo list), then [`turn`] and [`agent`] (what a turn is
//! and how it goes on), then [`turn_driver`] (what does it), and [`ports`] (what the outside must provide).

pub mod access_token;
pub mod account;
pub mod account_archive;
pub mod agent;
pub mod approval;
pub mod background_work;
pub mod change_log;
pub mod channel;
pub mod claim_check;
pub mod client_address;
pub mod command;
pub mod compaction;
pub mod conversation;
pub mod conversation_titles;
pub mod day_words;
pub mod due;
pub mod error_chain;
pub mod fallback_message;
pub mod hand_order;
pub mod history;
pub mod history_after_edit;
pub mod id;
pub mod identity;
pub mod identity_provider;
pub mod last_shown_list;
pub mod limits;
pub mod mail;
pub mod mcp_call;
pub mod message;
pub mod model_selection;
pub mod oauth;
pub mod one_time_token;
pub mod parse_due;
pub mod ports;
pub mod priority;
pub mod prompt;
pub mod repeat;
pub mod search_text;
pub mod session;
pub mod step;
pub mod subtasks;
pub mod tags;
pub mod text_validation;
pub mod time_zone;
pub mod todo;
pub mod tool;
pub mod truncation;
pub mod turn;
pub mod turn_driver;
pub mod undo;

#[cfg(any(test, feature = "testing"))]
pub mod testing;
