//! Plans the tool calls that a model asks for: validates each of them, and trusts nothing that it sends.

use serde_json::{Map, Value};

use super::{AgentRun, MAX_TOOL_CALLS, regeneration_history};
use crate::{
    approval::{self, ApprovalState, Question, TurnCounts},
    calls_of_current_answer::{calls_of_current_answer, has_undone},
    last_shown_list,
    message::{ExecutedCall, MessageBody, ProviderData, ToolCall},
    ports::{ModelFinish, ModelReply},
    step::{Action, PlannedCall, PlannedStep, call_id},
    text_validation::json_without_nul,
    todo::TaskNumber,
    todo_command::{TaskChange, TodoChange, TodoCommand},
    tool::{self, MAX_ARGUMENT_BYTES, ToolError, ToolErrorCode, ToolKind},
    turn::RunningTurn,
};

/// The most calls of one reply that are looked at. Those that are too many for a turn are refused
/// one by one, so that the model learns of it; what goes far beyond is not worth keeping.
const MAX_CALLS_IN_A_REPLY: usize = 2 * MAX_TOOL_CALLS;

impl AgentRun {
    /// Decides what becomes of each call of `reply`.
    pub(super) fn plan(&self, reply: ModelReply) -> PlannedStep {
        let mut calls: Vec<PlannedCall> = Vec::new();
        for (index, requested) in reply.calls.into_iter().take(MAX_CALLS_IN_A_REPLY).enumerate() {
            let arguments = read_arguments(&requested.arguments);
            let call = ToolCall {
                id: call_id(self.turn, self.step, index),
                name: sound_name(&requested.name),
                arguments: arguments.clone().unwrap_or_default(),
                provider_data: ProviderData(json_without_nul(requested.provider_data.0)),
            };
            let action = arguments
                .and_then(|arguments| self.action(&call.name, arguments, reply.finish, &calls))
                .unwrap_or_else(|refusal| Action::Answer(tool::error_to_json(&refusal)));
            calls.push(PlannedCall { call, action });
        }
        let text = if reply.text.trim().is_empty() { String::new() } else { reply.text };
        PlannedStep { text, calls, local: self.time.local }
    }

    fn action(
        &self,
        name: &str,
        arguments: Map<String, Value>,
        finish: ModelFinish,
        planned: &[PlannedCall],
    ) -> Result<Action, ToolError> {
        if finish == ModelFinish::Length {
            let error = "Your message was cut off by its length limit, so nothing of it was done. Make fewer calls at a time.";
            return Err(ToolError::new(ToolErrorCode::Limit, error));
        }
        // An identical call is already waiting; asking twice would loop.
        if self.waits(name, &arguments, planned) {
            let error = "This very call waits for the person's answer already. Ask them, if you have not.";
            return Err(ToolError::new(ToolErrorCode::ApprovalRequired, error));
        }
        let is_same = |past: &&ExecutedCall| past.tool == name && past.input == arguments;
        if let Some(past) = self.effective_replaced_calls().into_iter().find(is_same) {
            return Ok(Action::Answer(past.result.clone()));
        }
        if let Some(past) = self.newest_change().filter(|past| is_same(past)) {
            if ToolKind::from_name(name) == Some(ToolKind::UndoLast) {
                // Repeating `undo_last` would undo something else, and the stored result would claim success.
                let error = "Nothing more was undone: your call before did what is to be undone. Tell the person what \
                             was undone, and ask before you undo more.";
                return Err(ToolError::new(ToolErrorCode::Conflict, error));
            }
            return Ok(Action::Answer(past.result.clone()));
        }
        let own = regeneration_history::own_calls(&self.done, self.replaced_calls).count();
        if own + planned.len() >= MAX_TOOL_CALLS {
            let error = format!(
                "One turn may make at most {MAX_TOOL_CALLS} tool calls. Tell the person what is left to do."
            );
            return Err(ToolError::new(ToolErrorCode::Limit, error));
        }
        let command = self.command(name, arguments)?;
        let applied = planned.iter().filter_map(|planned| match &planned.action {
            Action::Apply(command) => Some(command),
            _ => None,
        });
        let done = self.effective_replaced_calls().into_iter().chain(&self.done[self.replaced.len()..]);
        let counts = TurnCounts::default().with_done(done).with_planned(applied);
        Ok(match counts.ask_reason(&command, self.may_change_tasks) {
            Some(reason) => Action::Ask(command, reason),
            None => Action::Apply(command),
        })
    }

    /// Whether this very call waits for the person's answer: an earlier one of the turn, or of this reply.
    fn waits(&self, name: &str, arguments: &Map<String, Value>, planned: &[PlannedCall]) -> bool {
        let waits = |question: Question| question.state == ApprovalState::Waiting;
        let asked = self.done.iter().filter(|past| Question::of_call(past).is_some_and(waits));
        let asking = planned.iter().filter(|planned| matches!(planned.action, Action::Ask(..)));
        asked
            .map(|past| (&past.tool, &past.input))
            .chain(asking.map(|planned| (&planned.call.name, &planned.call.arguments)))
            .any(|(past, input)| past == name && input == arguments)
    }

    /// Plans the step that applies the user's yes or no, without calling the model. It is the first step of
    /// the answer, except for an undo of the replaced one. A caller who may not change tasks cannot approve
    /// any.
    pub(super) fn answered_questions(&self, turn: &RunningTurn) -> Option<PlannedStep> {
        let mut own = self.done.iter().skip(self.replaced_calls);
        let counts = own.all(has_undone) && self.may_change_tasks;
        let (questions, decision) = turn.answered.as_ref().filter(|_| counts)?;
        let planned = |(index, question): (usize, &Question)| PlannedCall {
            call: ToolCall {
                id: call_id(self.turn, self.step, index),
                name: question.tool.clone(),
                arguments: question.arguments.clone(),
                // What the provider wants back with a call it wants back here as well.
                provider_data: self.provider_data_of(question),
            },
            action: Action::Decide(question.id, *decision),
        };
        let calls: Vec<_> = questions.iter().take(MAX_TOOL_CALLS).enumerate().map(planned).collect();
        (!calls.is_empty()).then(|| PlannedStep { text: String::new(), calls, local: self.time.local })
    }

    /// What the answers that are being replaced did, as far as it was not taken back.
    fn effective_replaced_calls(&self) -> Vec<&ExecutedCall> {
        calls_of_current_answer(&self.replaced, self.replaced.len())
    }

    /// The command of a call. A `ref` means tasks of the list that the person saw last, as they were then.
    fn command(&self, name: &str, arguments: Map<String, Value>) -> Result<TodoCommand, ToolError> {
        let reference = arguments.get("ref").filter(|reference| !matches!(reference.as_str(), Some("")));
        let Some(reference) = reference.filter(|value| !value.is_null() && tool::is_about_a_task(name))
        else {
            return tool::decode(name, arguments, self.time);
        };
        let seen = last_shown_list::resolve(reference, self.turn, &self.history)?;
        let numbers: Vec<TaskNumber> = seen.iter().map(|task| task.number).collect();
        Ok(match tool::decode(name, tool::about_tasks(arguments, &numbers), self.time)? {
            TodoCommand::Change(TodoChange::Delete(..)) => {
                TodoCommand::change_seen(&seen, TaskChange::Delete)
            }
            TodoCommand::Change(TodoChange::Update(_, patch)) => {
                TodoCommand::change_seen(&seen, TaskChange::Update(patch))
            }
            TodoCommand::ChangeMany(_, change) => TodoCommand::change_seen(&seen, change),
            other => other,
        })
    }

    /// The newest change of an earlier step of this turn. A model that asks for it once more has not
    /// understood that it was made.
    fn newest_change(&self) -> Option<&ExecutedCall> {
        self.done[self.replaced.len()..].iter().rfind(|call| !tool::effects_of(call).is_empty())
    }

    /// What came beside the call that waits, when a model asked for it.
    fn provider_data_of(&self, question: &Question) -> ProviderData {
        let calls = self.history.iter().rev().flat_map(|message| match &message.body {
            MessageBody::Assistant { calls, .. } => calls.as_slice(),
            MessageBody::User(_) | MessageBody::Tool { .. } => &[],
        });
        let is_it = |call: &&ToolCall| {
            let Question { tool, arguments, .. } = question;
            call.name == *tool && approval::arguments_match(tool, arguments, &call.arguments)
        };
        calls.into_iter().find(is_it).map(|call| call.provider_data.clone()).unwrap_or_default()
    }
}

/// Reads arguments as a model sent them. Nothing at all stands for no arguments.
fn read_arguments(raw: &str) -> Result<Map<String, Value>, ToolError> {
    let refuse = |error: &str| Err(ToolError::new(ToolErrorCode::ValidationError, error));
    if raw.len() > MAX_ARGUMENT_BYTES {
        return refuse("The arguments are too long.");
    }
    if raw.trim().is_empty() {
        return Ok(Map::new());
    }
    match serde_json::from_str(raw) {
        Ok(Value::Object(arguments)) => tool::storable_arguments(arguments),
        Ok(Value::Null) => Ok(Map::new()),
        Ok(_) => refuse("The arguments must be a JSON object."),
        Err(_) => refuse("The arguments are not valid JSON."),
    }
}

/// The name a call is stored under. Model APIs refuse a conversation that holds a name of another
/// form than this, also when a model made it up.
fn sound_name(requested: &str) -> String {
    let is_sound = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let name = requested.trim();
    if (1..=64).contains(&name.len()) && name.chars().all(is_sound) {
        return name.to_owned();
    }
    "unknown".to_owned()
}
