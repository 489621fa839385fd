//! The domain of todo-ai-chatbot: all of its rules, without any I/O.
//!
//! Start at [`todo_command`] (all changes of a list), then [`turn`] and [`agent_state_machine`] (what a
//! turn is and how it goes on), then [`turn_driver`] (what does it), and [`ports`] (what the outside must
//! provide).

pub mod access_token;
pub mod account;
pub mod account_archive;
pub mod account_limits;
pub mod agent_state_machine;
pub mod answer_verification;
pub mod approval;
pub mod caller;
pub mod calls_of_current_answer;
pub mod change_log;
pub mod client_network;
pub mod compaction;
pub mod conversation;
pub mod conversation_title_prompt;
pub mod date_input;
pub mod due;
pub mod error_chain;
pub mod history_after_edit;
pub mod last_shown_list;
pub mod linked_identity;
pub mod mail;
pub mod manual_order;
pub mod mcp_call;
pub mod message;
pub mod model_selection;
pub mod natural_language_dates;
pub mod oauth;
pub mod one_time_token;
pub mod password;
pub mod ports;
pub mod priority;
pub mod prompt;
pub mod prompt_history;
pub mod repeat;
pub mod request_channel;
pub mod session;
pub mod sign_in_provider;
pub mod step;
pub mod substitute_final_message;
pub mod subtasks;
pub mod tags;
pub mod text_search;
pub mod text_truncation;
pub mod text_validation;
pub mod time_zone;
pub mod title_and_summary;
pub mod todo;
pub mod todo_command;
pub mod todo_filter;
pub mod todo_outcome;
mod token_usage_estimate;
pub mod tool;
pub mod turn;
pub mod turn_and_conversation_ids;
pub mod turn_driver;
pub mod undo;

#[cfg(any(test, feature = "testing"))]
pub mod testing;
