//! The contracts that every store must keep, as tests that run on any of them.
//!
//! Each suite wants fresh callers, and panics at the first promise that is not
//! kept. Leases end by [`crate::ports::TurnLeases::release`], so no clock has to be moved.

mod access_tokens;
mod activity;
mod approvals;
mod approvals_after_regeneration;
mod batches;
mod calendar;
mod client_chosen_ids;
mod conversation_metadata;
mod conversations;
mod discarded_first_turn;
mod edited_messages;
mod failed_turns;
mod fixture;
mod mcp_call_approvals;
mod mcp_calls;
mod oauth;
mod order_and_subtasks;
mod refused_regeneration;
mod regeneration;
mod regeneration_keys;
mod sign_in_during_account_change;
mod takeover;
mod task_details;
mod todo_idempotency_keys;
mod todos;
mod tool_calls_after_regeneration;
mod turn_admission;
mod turn_lifecycle;
mod undo;

use fixture::Fixture;
use mcp_call_approvals::ProgramStore;

use crate::{
    caller::Caller,
    ports::{
        AccessTokenStore, AccountStore, ApprovalStore, CalendarStore, ChangeLog, ConversationStore,
        McpCallExecutor, OAuthStore, SessionStore, TitleAndSummaryStore, TodoStore, TurnLeases, TurnReader,
        TurnStore, UndoStore,
    },
};

/// Checks a todo store with two new users' lists.
///
/// # Panics
/// When the store breaks its contract.
pub async fn todo_store(store: &dyn TodoStore, a: Caller, b: Caller) {
    todos::numbers_count_per_user_and_are_never_reused(store, a, b).await;
    todos::nobody_reaches_into_a_list_of_somebody_elses(store, a, b).await;
    todos::an_update_changes_what_it_names(store, a).await;
    todos::a_stale_change_is_refused(store, a).await;
    todos::tasks_are_due(store, a).await;
    todos::a_due_day_is_moved_and_cleared(store, a).await;
    todos::what_was_done_lately_is_found(store, a).await;
    task_details::priorities_and_tags_are_kept_and_found(store, a).await;
    task_details::a_time_of_day_is_kept_where_it_is_wished(store, a).await;
    task_details::a_day_is_kept_where_only_a_time_is_given(store, a).await;
    task_details::tags_are_added_replaced_and_bounded(store, a).await;
    task_details::a_repeating_task_comes_back(store, a).await;
    task_details::one_time_is_done_once(store, a).await;
    task_details::what_a_person_would_call_the_same_is_found(store, b).await;
    order_and_subtasks::a_task_is_moved_by_hand(store, a).await;
    order_and_subtasks::moves_at_once_keep_one_order(store, b).await;
    order_and_subtasks::a_task_has_subtasks(store, a, b).await;
    order_and_subtasks::no_task_is_left_under_a_deleted_one(store, b).await;
    todos::a_list_is_filtered(store, a).await;
    todos::a_list_comes_in_pages(store, b).await;
    todos::additions_at_once_have_numbers_of_their_own(store, a).await;
    todos::changes_at_once_all_count(store, a).await;
    todos::a_revoked_token_does_nothing(store, a).await;
    batches::each_change_has_an_outcome_of_its_own(store, a).await;
    batches::changes_of_one_task_are_made_one_after_the_other(store, a).await;
    batches::a_batch_is_made_once_under_its_key(store, a, b).await;
    todo_idempotency_keys::a_key_adds_once(store, a, b).await;
    todo_idempotency_keys::a_key_used_at_once_adds_once(store, a).await;
}

/// Checks a store of calendars, with two new users.
///
/// # Panics
/// When the store breaks its contract.
pub async fn calendar_store(store: &(impl CalendarStore + TodoStore), a: Caller, b: Caller) {
    calendar::a_calendar_is_there_while_its_secret_is(store, a, b).await;
    calendar::a_calendar_shows_what_is_to_be_done(store, a, b).await;
    calendar::a_calendar_has_a_bounded_size(store, a).await;
    calendar::a_revoked_token_does_nothing(store, a).await;
}

/// Checks a store of personal access tokens, with two new users.
///
/// # Panics
/// When the store breaks its contract.
pub async fn access_token_store(store: &(impl AccessTokenStore + TodoStore), a: Caller, b: Caller) {
    access_tokens::a_token_is_known_by_its_secret_until_it_is_revoked(store, a).await;
    access_tokens::a_token_is_its_owners(store, a, b).await;
    access_tokens::a_revoked_token_does_nothing(store, a).await;
    access_tokens::an_account_has_a_bounded_number_of_tokens(store, b).await;
}

/// Checks how people sign in to accounts of a store.
///
/// # Panics
/// When the store breaks its contract.
pub async fn sign_in(store: &(impl AccountStore + SessionStore)) {
    sign_in_during_account_change::a_password_checked_before_its_change_opens_no_session(store).await;
    sign_in_during_account_change::a_hash_takes_the_place_of_the_verified_one_alone(store).await;
}

/// Checks a store of programs that people connect by OAuth, with two new users.
///
/// # Panics
/// When the store breaks its contract.
pub async fn oauth_store(store: &(impl OAuthStore + AccessTokenStore + TodoStore), a: Caller, b: Caller) {
    oauth::a_program_is_remembered(store).await;
    oauth::a_code_is_good_once(store, a).await;
    oauth::a_code_is_for_who_asked_with_it(store, a).await;
    oauth::refresh_tokens_follow_one_another(store, a).await;
    oauth::tokens_are_given_back(store, a).await;
    oauth::a_grant_is_its_owners_and_ends_with_all_of_its_tokens(store, a, b).await;
    oauth::grants_and_their_tokens_are_bounded(store, b).await;
}

/// Checks what programs do by their tool calls, with two new users.
///
/// # Panics
/// When the store breaks its contract.
pub async fn mcp_call_store(
    store: &(impl McpCallExecutor + TodoStore + ChangeLog + UndoStore),
    a: Caller,
    b: Caller,
) {
    mcp_calls::a_call_does_what_its_tool_says(store, a, b).await;
    mcp_calls::under_a_key_a_call_has_its_effect_once(store, a, b).await;
    mcp_calls::a_key_used_at_once_has_one_effect(store, a).await;
    mcp_calls::a_revoked_token_does_nothing(store, a).await;
}

/// Checks what programs ask for that waits for a person's word, with two new users.
///
/// # Panics
/// When the store breaks its contract.
pub async fn mcp_call_approvals(store: &impl ProgramStore, a: Caller, b: Caller) {
    mcp_call_approvals::what_a_program_may_not_do_waits_and_is_done_once(store, a).await;
    mcp_call_approvals::nobody_else_answers_for_the_person(store, a, b).await;
    mcp_call_approvals::the_same_call_is_asked_once_while_its_tasks_are_as_they_were(store, a).await;
    mcp_call_approvals::the_same_words_on_another_day_are_another_question(store, a).await;
    mcp_call_approvals::under_its_key_a_call_learns_what_came_of_it(store, a).await;
    mcp_call_approvals::an_account_is_asked_a_bounded_number_of_questions(store, b).await;
    mcp_call_approvals::an_undo_is_of_what_was_last_when_it_was_asked(store, a).await;
    mcp_call_approvals::an_undo_is_void_when_its_tasks_were_changed_or_it_was_undone(store, a).await;
}

/// Checks a store of approvals, with two new users.
///
/// # Panics
/// When the store breaks its contract.
pub async fn approval_store(
    store: &(impl TodoStore + TurnStore + TurnReader + TurnLeases + ConversationStore + ApprovalStore),
    a: Caller,
    b: Caller,
) {
    let fixture = Fixture { todos: store, turns: store, reader: store, leases: store, a, b };
    approvals::a_call_waits_and_is_carried_out_once(&fixture, store).await;
    approvals::a_yes_counts_whatever_the_call_named_its_tasks(&fixture, store).await;
    approvals::a_yes_to_what_cannot_be_read_is_not_used_up(&fixture, store).await;
    approvals::an_undo_waits_while_what_it_takes_back_is_still_being_done(&fixture, store).await;
    approvals::a_no_is_kept(&fixture, store).await;
    approvals::an_addition_may_wait_too(&fixture, store).await;
    approvals::what_programs_ask_for_in_turns_is_bounded(&fixture, store).await;
    approvals::what_was_changed_since_is_not_carried_out(&fixture, store).await;
    approvals::only_what_was_asked_and_by_whom_it_was_asked_counts(&fixture, store).await;
    approvals::of_answers_at_once_one_carries_it_out(&fixture, store).await;
    approvals::a_plain_yes_in_the_next_message_is_the_same(&fixture, store).await;
    approvals::an_unclear_reply_leaves_the_approval_pending(&fixture, store).await;
    approvals_after_regeneration::another_answer_voids_what_the_replaced_one_asked(&fixture, store).await;
    approvals_after_regeneration::only_what_the_last_answer_asked_waits_again(&fixture, store).await;
    approvals_after_regeneration::what_a_failed_answer_replaced_does_not_wait_again(&fixture, store).await;
    approvals_after_regeneration::a_message_that_becomes_a_plain_yes_is_the_answer(&fixture, store).await;
    approvals_after_regeneration::why_it_was_asked_stays_on_record(&fixture, store).await;
    approvals_after_regeneration::a_question_is_of_the_time_and_place_where_it_was_asked(&fixture, store)
        .await;
    approvals::what_waits_goes_with_its_conversation(&fixture, store, store).await;
}

/// Checks the log of changes, with two new users.
///
/// # Panics
/// When the store breaks its contract.
pub async fn change_log(
    store: &(impl TodoStore + TurnStore + TurnReader + TurnLeases + ChangeLog + AccessTokenStore),
    a: Caller,
    b: Caller,
) {
    let fixture = Fixture { todos: store, turns: store, reader: store, leases: store, a, b };
    activity::every_change_is_on_record(&fixture, store).await;
    activity::what_a_deletion_does_to_subtasks_is_on_record(&fixture, store).await;
    activity::a_change_by_the_assistant_names_its_turn(&fixture, store).await;
    activity::a_log_is_read_in_pages_by_task_and_by_time(&fixture, store).await;
    activity::nobody_reads_the_log_of_somebody_else(&fixture, store).await;
    refused_regeneration::a_refusal_writes_nothing(&fixture, store).await;
}

/// Checks that conversations are shown as they went, with two new users.
///
/// # Panics
/// When the store breaks its contract.
pub async fn conversation_store(
    store: &(impl TodoStore + TurnStore + TurnReader + TurnLeases + ConversationStore + TitleAndSummaryStore),
    a: Caller,
    b: Caller,
) {
    let fixture = Fixture { todos: store, turns: store, reader: store, leases: store, a, b };
    conversations::the_newest_activity_comes_first(&fixture, store).await;
    conversations::a_conversation_is_shown_as_it_went(&fixture, store).await;
    conversations::a_turn_is_shown_however_it_stands(&fixture, store).await;
    conversations::what_is_seen_is_of_one_moment(&fixture, store).await;
    conversations::a_turn_is_told_as_of_one_moment(&fixture, store).await;
    conversations::one_turn_is_found_wherever_it_stands(&fixture, store).await;
    conversations::a_turn_that_lost_its_worker_is_shown_as_such(&fixture, store).await;
    conversations::a_long_conversation_comes_in_pages(&fixture, store).await;
    conversations::a_conversation_gets_another_title(&fixture, store).await;
    conversations::a_deleted_conversation_is_gone_and_tasks_stay(&fixture, store).await;
    conversations::what_was_said_in_a_deleted_conversation_is_not_said_again(&fixture, store).await;
    conversations::nobody_sees_a_conversation_of_somebody_elses(&fixture, store).await;
    conversations::a_revoked_token_sees_nothing(&fixture, store).await;
    client_chosen_ids::an_id_that_a_client_chooses_is_its_user_s_own(&fixture, store).await;
    client_chosen_ids::keys_of_a_deleted_conversation_are_those_of_its_messages(&fixture, store).await;
    conversation_metadata::a_model_gives_a_title_once_and_never_over_a_persons(&fixture, store).await;
    conversation_metadata::a_summary_stands_for_the_messages_that_it_holds(&fixture, store).await;
    conversation_metadata::a_conversation_remembers_its_model(&fixture).await;
    conversation_metadata::a_search_finds_titles_and_messages(&fixture, store).await;
    discarded_first_turn::a_discarded_first_message_takes_its_title_with_it(&fixture, store).await;
    discarded_first_turn::a_title_that_somebody_gave_stays(&fixture, store).await;
    discarded_first_turn::the_conversation_of_a_first_turn_that_is_regenerated_stays(&fixture, store).await;
    tool_calls_after_regeneration::what_was_undone_is_no_change(&fixture, store).await;
    tool_calls_after_regeneration::a_refusal_of_the_replaced_answer_is_none_of_the_next(&fixture, store)
        .await;
    tool_calls_after_regeneration::a_failure_tells_what_stands(&fixture).await;
}

/// Checks a store of turns, and that what turns do is seen in the todo lists.
///
/// # Panics
/// When the store breaks its contract.
pub async fn turn_store(
    store: &(impl TodoStore + TurnStore + TurnReader + TurnLeases),
    a: Caller,
    b: Caller,
) {
    let fixture = Fixture { todos: store, turns: store, reader: store, leases: store, a, b };
    turn_lifecycle::a_turn_runs_its_course(&fixture).await;
    turn_lifecycle::a_task_is_found_by_its_title_when_only_one_has_it(&fixture).await;
    turn_lifecycle::calls_of_a_step_are_made_in_order(&fixture).await;
    turn_lifecycle::the_same_step_takes_effect_once(&fixture).await;
    order_and_subtasks::a_task_is_deleted_with_its_subtasks_as_they_were_seen(&fixture).await;
    order_and_subtasks::nobody_is_asked_about_tasks_that_changed_since_they_were_seen(&fixture).await;
    turn_lifecycle::a_turn_ends_once(&fixture).await;
    turn_lifecycle::a_stopped_turn_is_told_to_the_model(&fixture).await;
    turn_lifecycle::a_key_finds_its_answer(&fixture).await;
    turn_lifecycle::a_key_is_used_for_one_thing(&fixture).await;
    turn_lifecycle::of_a_turn_and_a_task_at_once_under_one_key_one_is_made(&fixture).await;
    turn_lifecycle::a_stop_reaches_the_worker(&fixture).await;
    turn_admission::a_turn_is_begun_where_it_may_be(&fixture).await;
    turn_admission::one_turn_at_a_time_runs_in_a_conversation(&fixture).await;
    turn_admission::of_requests_at_once_one_begins(&fixture).await;
    turn_admission::nobody_reaches_into_a_conversation_of_somebody_elses(&fixture).await;
    turn_admission::a_revoked_token_begins_nothing(&fixture).await;
    failed_turns::without_a_step_it_is_as_if_the_turn_had_not_begun(&fixture).await;
    failed_turns::a_failed_opening_leaves_no_conversation(&fixture).await;
    failed_turns::what_took_effect_stays_on_record(&fixture).await;
    failed_turns::a_retry_goes_on_with_a_failed_turn_twice(&fixture).await;
    failed_turns::a_retry_may_take_effect_and_fail_again(&fixture).await;
    failed_turns::a_retry_of_an_older_failed_turn_is_told_of_it(&fixture).await;
    takeover::a_retry_takes_a_dead_turn_over(&fixture).await;
    takeover::a_turn_taken_over_is_read_whole(&fixture).await;
    takeover::an_overtaken_worker_commits_nothing(&fixture).await;
    takeover::a_stop_while_nobody_is_at_work_reaches_who_takes_over(&fixture).await;
    takeover::a_turn_fails_after_three_lost_workers(&fixture).await;
    takeover::a_turn_without_effect_fails_after_three_lost_workers(&fixture).await;
    takeover::a_handover_is_not_counted_as_a_lost_worker(&fixture).await;
    takeover::another_message_closes_a_dead_turn(&fixture).await;
    takeover::another_message_forgets_a_dead_turn_without_effect(&fixture).await;
    takeover::leases_that_are_held_are_renewed(&fixture).await;
    takeover::a_lease_that_was_given_back_is_not_renewed(&fixture).await;
    other_answers(&fixture).await;
}

/// What another answer to the same message comes to.
async fn other_answers(fixture: &Fixture<'_>) {
    regeneration::the_newest_answer_is_undone(fixture).await;
    regeneration::what_the_replaced_answer_did_is_undone(fixture).await;
    regeneration::what_was_changed_since_is_not_undone(fixture).await;
    edited_messages::an_edited_message_is_answered_in_its_place(fixture).await;
    edited_messages::what_stays_done_is_no_answer_to_the_new_words(fixture).await;
    edited_messages::an_edit_without_an_answer_brings_the_message_back(fixture).await;
    regeneration::another_answer_is_of_the_time_and_place_where_it_is_asked_for(fixture).await;
    regeneration::a_failed_turn_is_answered_again(fixture).await;
    regeneration::a_running_turn_is_not_answered_again(fixture).await;
    regeneration::a_dead_turn_is_closed_and_answered_again(fixture).await;
    regeneration::another_answer_has_attempts_of_its_own(fixture).await;
    regeneration::there_must_be_something_to_answer_again(fixture).await;
    regeneration::only_the_newest_turn_is_answered_again(fixture).await;
    regeneration::a_failed_regeneration_brings_the_answer_back(fixture).await;
    regeneration::a_regeneration_that_took_effect_is_on_record(fixture).await;
    regeneration_keys::under_a_key_one_other_answer_is_given(fixture).await;
    regeneration_keys::an_edit_under_a_key_is_made_once(fixture).await;
    regeneration_keys::an_edit_whose_words_are_there_is_known_by_its_key_too(fixture).await;
    regeneration_keys::all_keys_of_an_edit_without_an_answer_may_be_used_again(fixture).await;
    regeneration_keys::a_key_that_led_to_no_other_answer_may_be_used_again(fixture).await;
    regeneration_keys::another_answer_that_is_given_up_leaves_the_one_there_was(fixture).await;
    regeneration_keys::a_key_of_another_answer_is_no_key_of_anything_else(fixture).await;
    regeneration_keys::of_requests_for_another_answer_at_once_one_is_met(fixture).await;
    regeneration_keys::a_message_without_an_answer_keeps_its_key(fixture).await;
}

/// Checks that what was done is undone, with two new users.
///
/// # Panics
/// When the store breaks its contract.
pub async fn undo_store(
    store: &(impl TodoStore + TurnStore + TurnReader + TurnLeases + UndoStore),
    a: Caller,
    b: Caller,
) {
    let fixture = Fixture { todos: store, turns: store, reader: store, leases: store, a, b };
    undo::a_turn_is_undone_wholly(&fixture, store).await;
    undo::a_task_comes_back_only_where_it_may_stand(&fixture, store).await;
    undo::a_deletion_is_undone_with_what_it_did_to_subtasks(&fixture, store).await;
    undo::tasks_that_come_back_have_one_level(&fixture, store).await;
    undo::a_freed_subtask_is_undone_further(&fixture, store).await;
    undo::an_undo_leaves_a_task_where_room_was_made(&fixture, store).await;
    undo::what_was_changed_since_stays(&fixture, store).await;
    undo::an_undo_is_undone(&fixture, store).await;
    undo::the_last_thing_is_undone_and_then_the_one_before(&fixture, store).await;
    undo::a_step_undoes_the_last_thing_once(&fixture, store).await;
    undo::a_model_is_told_what_stands_against_an_undo(&fixture).await;
    undo::a_running_turn_is_not_undone(&fixture, store).await;
    undo::there_must_be_something_to_undo(&fixture, store).await;
    undo::nobody_undoes_what_is_somebody_elses(&fixture, store).await;
    undo::of_an_undo_and_a_change_at_once_neither_is_lost(&fixture, store).await;
    undo::a_key_undoes_once(&fixture, store).await;
    undo::a_key_used_at_once_undoes_once(&fixture, store).await;
    undo::a_key_is_used_for_one_thing(&fixture, store).await;
}
