//! Approvals in memory.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use super::{MemoryStore, Moment, State, todos::Origin};
use crate::{
    account::UserId,
    approval::{
        self, Approval, ApprovalError, ApprovalId, ApprovalState, ApprovalTarget, ApprovalTransition,
        AskReason, AskingCall, Decision, MAX_SHOWN, Question,
    },
    caller::Caller,
    mcp_call::{self, APPROVAL_LIFETIME, MAX_PENDING_APPROVALS, McpCall},
    message::ToolCall,
    ports::{ApprovalStore, IdGenerator, StoreError},
    request_channel::Channel,
    testing::RandomIdGenerator,
    time_zone::{LocalNow, PersonalTime},
    todo::Todo,
    todo_command::TodoCommand,
    todo_outcome::{TodoError, TodoOutcome, exactly_one},
    tool,
    turn::{EndedTurn, Lease},
    turn_and_conversation_ids::{ConversationId, TurnId},
};

pub(super) struct ApprovalRow {
    user: UserId,
    approval: Approval,
    /// What the person's clock showed in the turn that asked.
    asked_at: PersonalTime,
    /// Void because another answer was asked for: it waits again if no other answer comes.
    is_set_aside: bool,
}

impl ApprovalRow {
    pub(super) fn is_in(&self, user: UserId, id: ConversationId) -> bool {
        self.user == user && self.approval.asked_in.as_ref().is_some_and(|call| call.conversation == id)
    }

    fn is_it(&self, caller: Caller, id: ApprovalId) -> bool {
        self.user == caller.user && self.approval.question.id == id
    }

    fn is_of_turn(&self, turn: TurnId) -> bool {
        self.approval.asked_in.as_ref().is_some_and(|call| call.turn == turn)
    }

    fn waits_at(&self, now: DateTime<Utc>) -> bool {
        self.approval.question.state_at(now) == ApprovalState::Waiting
    }
}

impl State {
    /// The JSON of what comes of a command.
    pub(super) fn apply(
        &mut self,
        user: UserId,
        command: &TodoCommand,
        local: LocalNow,
        origin: &Origin,
    ) -> Value {
        match self.outcome(user, command, origin) {
            Ok(outcome) => tool::to_json(&outcome, local),
            Err(refusal) => tool::error_to_json(&refusal.into()),
        }
    }

    /// What comes of a command.
    pub(super) fn outcome(
        &mut self,
        user: UserId,
        command: &TodoCommand,
        origin: &Origin,
    ) -> Result<TodoOutcome, TodoError> {
        if let TodoCommand::Undo(target) = command {
            self.check_undo(user, origin.channel.turn(), *target, origin.now.instant)
                .map_err(|refusal| TodoError::Undo(Box::new(refusal)))?;
        }
        self.lists.entry(user).or_default().apply(command, origin)
    }

    /// What a call is about, or what is to be said at once: of tasks none of which is there, and of what
    /// cannot be undone.
    fn about(
        &mut self,
        user: UserId,
        asking: Option<TurnId>,
        arguments: &Map<String, Value>,
        command: &TodoCommand,
        local: LocalNow,
        now: Moment,
    ) -> Result<ApprovalTarget, Value> {
        let check = match command {
            TodoCommand::Undo(target) => self.check_undo(user, asking, *target, now.instant),
            _ => Ok(()),
        };
        let list = self.lists.entry(user).or_default();
        let numbers = match command {
            TodoCommand::Undo(target) => {
                let about = check.and_then(|()| list.about_undo(*target));
                return about
                    .map_err(|refusal| tool::error_to_json(&TodoError::Undo(Box::new(refusal)).into()));
            }
            TodoCommand::ChangeTitled(title, _) => match exactly_one(&list.titled(title)) {
                Ok(number) => vec![number],
                Err(refusal) => return Err(tool::error_to_json(&refusal.into())),
            },
            command => approval::named_tasks(command),
        };
        let todos: Vec<Todo> = numbers.iter().filter_map(|number| list.find(*number)).cloned().collect();
        approval::check_seen(command, &todos).map_err(|refusal| tool::error_to_json(&refusal.into()))?;
        let about = ApprovalTarget::for_tasks(arguments, &numbers, &todos);
        if about.tasks.is_empty() && approval::is_about_existing_tasks(command) {
            return Err(match approval::outcome_without_tasks(command, &numbers) {
                Ok(outcome) => tool::to_json(&outcome, local),
                Err(refusal) => tool::error_to_json(&refusal.into()),
            });
        }
        Ok(about)
    }

    /// Has a call of a turn wait.
    pub(super) fn ask(
        &mut self,
        lease: &Lease,
        call: &ToolCall,
        command: &TodoCommand,
        why: AskReason,
        local: LocalNow,
        now: Moment,
    ) -> Value {
        let Some(row) = self.turns.iter().find(|row| row.lease.turn == lease.turn) else {
            return tool::error_to_json(&approval::not_found_error());
        };
        let (asked_at, program) = (row.time, row.program.clone());
        let about = match self.about(lease.user, Some(lease.turn), &call.arguments, command, local, now) {
            Ok(about) => about,
            Err(said) => return said,
        };
        if why == AskReason::NotAllowed && self.number_waiting(lease.user, now.at) >= MAX_PENDING_APPROVALS {
            return tool::error_to_json(&mcp_call::too_many_wait());
        }
        let asked_in = AskingCall { turn: lease.turn, conversation: lease.conversation, id: call.id.clone() };
        let approval = new_approval(&call.name, about, Some(asked_in), program, now.at + why.lifetime());
        let asking = approval.waiting_result(why);
        self.approvals.push(ApprovalRow { user: lease.user, approval, asked_at, is_set_aside: false });
        asking
    }

    fn number_waiting(&self, user: UserId, now: DateTime<Utc>) -> i64 {
        let waiting = self.approvals.iter().filter(|row| row.user == user && row.waits_at(now));
        i64::try_from(waiting.count()).unwrap_or(i64::MAX)
    }

    /// Has a program's call wait, once.
    pub(super) fn ask_for_program(
        &mut self,
        user: UserId,
        call: &McpCall,
        why: AskReason,
        program: Option<String>,
        now: Moment,
    ) -> Value {
        let about = match self.about(user, None, &call.arguments, &call.command, call.time.local, now) {
            Ok(about) => about,
            Err(said) => return said,
        };
        let open = |row: &&mut ApprovalRow| {
            row.user == user && row.approval.asked_in.is_none() && row.waits_at(now.at)
        };
        let waiting = self.number_waiting(user, now.at);
        let is_it = |row: &&mut ApprovalRow| {
            let question = &row.approval.question;
            question.tool == call.tool && question.arguments == about.arguments
        };
        let same = self.approvals.iter_mut().filter(open).find(is_it);
        if let Some(row) = same {
            if row.approval.is_asked_again(row.asked_at, &about, call.time) {
                return row.approval.waiting_result_for_program(why, user);
            }
            row.approval = row.approval.clone().voided();
        } else if waiting >= MAX_PENDING_APPROVALS {
            return tool::error_to_json(&mcp_call::too_many_wait());
        }
        let approval = new_approval(&call.tool, about, None, program, now.at + APPROVAL_LIFETIME);
        let asking = approval.waiting_result_for_program(why, user);
        self.approvals.push(ApprovalRow { user, approval, asked_at: call.time, is_set_aside: false });
        asking
    }

    /// What a program is told when it makes its call again that waited.
    pub(super) fn replayed_result(&self, first: Value, now: DateTime<Utc>) -> Value {
        let Some(id) = approval::approval_id_in(&first) else { return first };
        let row = self.approvals.iter().find(|row| row.approval.question.id == id);
        row.map_or_else(
            || tool::error_to_json(&approval::not_found_error()),
            |row| row.approval.replayed_result(first, now),
        )
    }

    /// Answers an approval in a turn, and returns what the model reads of it.
    pub(super) fn decide_in(
        &mut self,
        turn: TurnId,
        id: ApprovalId,
        decision: Decision,
        local: LocalNow,
        now: Moment,
    ) -> Value {
        let Some(index) = self.approvals.iter().position(|row| row.approval.question.id == id) else {
            return tool::error_to_json(&approval::not_found_error());
        };
        match self.decide(index, Some(turn), decision, local, now) {
            Ok(approval) => approval.result.unwrap_or_default(),
            Err(refusal) => self.approvals[index].approval.refused_result(refusal),
        }
    }

    fn decide(
        &mut self,
        index: usize,
        made_in: Option<TurnId>,
        decision: Decision,
        local: LocalNow,
        now: Moment,
    ) -> Result<Approval, ApprovalError> {
        let ApprovalRow { user, approval, asked_at, .. } = &self.approvals[index];
        let (user, approval, asked_at) = (*user, approval.clone(), *asked_at);
        let numbers = match approval.undo_target() {
            Some(target) => self.numbers_to_undo(user, target, now.instant),
            None => Ok(approval.numbers()),
        };
        let list = self.lists.entry(user).or_default();
        let todos = numbers.iter().flatten().filter_map(|number| list.find(*number)).cloned();
        let subject = approval.target_state(&numbers, &todos.collect::<Vec<_>>());
        let (decided, answer) = match approval.transition(decision, asked_at, now.at, subject) {
            ApprovalTransition::Repeat => return Ok(approval),
            ApprovalTransition::Void => (approval.voided(), Err(ApprovalError::Void)),
            ApprovalTransition::Refuse(why) => return Err(why),
            ApprovalTransition::Reject => {
                let result = approval.rejected_result();
                let decided = approval.with_decision(ApprovalState::Rejected, result);
                (decided.clone(), Ok(decided))
            }
            ApprovalTransition::CarryOut(command) => {
                let program = approval.question.program.clone();
                let conversation = approval.asked_in.as_ref().map(|call| call.conversation);
                let channel = made_in.map_or(Channel::Mcp, Channel::Chat);
                let origin = Origin { channel, conversation, program, now };
                let result = self.apply(user, &command, local, &origin);
                let decided = approval.with_decision(ApprovalState::Approved, result);
                (decided.clone(), Ok(decided))
            }
        };
        self.rewrite(&decided, made_in);
        self.approvals[index].approval = decided;
        answer
    }

    /// Voids what an answer has asked that another one replaces.
    pub(super) fn void_questions_of(&mut self, turn: TurnId) {
        for row in self.approvals.iter_mut().filter(|row| row.is_of_turn(turn)) {
            row.is_set_aside = row.approval.question.state == ApprovalState::Waiting;
        }
        self.rewrite_set_aside(turn, Approval::voided);
    }

    /// Leaves void for good what was set aside: the end that the turn has now came in place of what asked it.
    pub(super) fn forget_set_aside(&mut self, turn: TurnId) {
        let of_turn = self.approvals.iter_mut().filter(|row| row.is_of_turn(turn));
        of_turn.for_each(|row| row.is_set_aside = false);
    }

    /// Has the questions of a turn wait again that were set aside, as its old answer stands again.
    pub(super) fn ask_again(&mut self, turn: TurnId) {
        self.rewrite_set_aside(turn, Approval::reactivated);
    }

    fn rewrite_set_aside(&mut self, turn: TurnId, to: fn(Approval) -> Approval) {
        for index in 0..self.approvals.len() {
            let row = &self.approvals[index];
            if row.is_of_turn(turn) && row.is_set_aside {
                let approval = to(row.approval.clone());
                self.rewrite(&approval, None);
                self.approvals[index].approval = approval;
            }
        }
    }

    /// Rewrites the result of the call that asked.
    fn rewrite(&mut self, approval: &Approval, made_in: Option<TurnId>) {
        let Some(asked_in) = &approval.asked_in else { return };
        let Some(row) = self.turns.iter_mut().find(|row| row.lease.turn == asked_in.turn) else { return };
        let of_steps = row.steps.iter_mut().flat_map(|step| &mut step.results);
        let of_ending = match &mut row.ending {
            Some((EndedTurn::Answered(answer), _)) => Some(&mut answer.tool_calls),
            Some((EndedTurn::Failed(failure), _)) => Some(&mut failure.tool_calls),
            None => None,
        };
        for call in of_steps.chain(of_ending.into_iter().flatten()) {
            if call.id == asked_in.id {
                call.result = approval.result_to_store(made_in, call.result.take());
            }
        }
    }

    /// The questions of the turn before this one that wait, when its message is a plain answer.
    pub(super) fn pending_answer(
        &self,
        index: usize,
        now: DateTime<Utc>,
    ) -> Option<(Vec<Question>, Decision)> {
        let row = &self.turns[index];
        let decision = approval::parse_yes_no(&row.said)?;
        let (user, id) = (row.lease.user, row.lease.conversation);
        let before = self.turns[..index].iter().rfind(|other| other.is_in(user, id))?.lease.turn;
        let asked = self.approvals.iter().filter(|row| row.is_of_turn(before));
        let questions = asked.map(|row| row.approval.question.clone());
        let waiting: Vec<_> =
            questions.filter(|question| question.state_at(now) == ApprovalState::Waiting).collect();
        (!waiting.is_empty()).then_some((waiting, decision))
    }
}

#[async_trait]
impl ApprovalStore for MemoryStore {
    async fn waiting(&self, caller: Caller) -> Result<Vec<Approval>, StoreError> {
        let now = self.clock.now();
        let state = self.state_for(caller)?;
        let theirs = state.approvals.iter().filter(|row| row.user == caller.user).map(|row| &row.approval);
        let is_waiting = |approval: &&Approval| approval.question.state_at(now) == ApprovalState::Waiting;
        Ok(theirs.filter(is_waiting).take(MAX_SHOWN as usize).cloned().collect())
    }

    async fn find_all(&self, caller: Caller, ids: &[ApprovalId]) -> Result<Vec<Approval>, StoreError> {
        let state = self.state_for(caller)?;
        let wanted = state.approvals.iter().filter(|row| ids.iter().any(|id| row.is_it(caller, *id)));
        Ok(wanted.map(|row| row.approval.clone()).collect())
    }

    async fn decide(
        &self,
        caller: Caller,
        id: ApprovalId,
        decision: Decision,
        shown: Option<&Map<String, Value>>,
    ) -> Result<Option<Result<Approval, ApprovalError>>, StoreError> {
        let now = self.now();
        let mut state = self.state_for(caller)?;
        let is_it = |row: &ApprovalRow| row.is_it(caller, id);
        let Some(index) = state.approvals.iter().position(is_it) else { return Ok(None) };
        let row = &state.approvals[index];
        if let Err(refusal) = row.approval.check_answer(&caller, shown) {
            return Ok(Some(Err(refusal)));
        }
        let (turn, local) = (row.approval.asked_in.as_ref().map(|call| call.turn), row.asked_at.local);
        Ok(Some(state.decide(index, turn, decision, local, now)))
    }
}

fn new_approval(
    tool: &str,
    ApprovalTarget { arguments, tasks, revisions }: ApprovalTarget,
    asked_in: Option<AskingCall>,
    program: Option<String>,
    expires_at: DateTime<Utc>,
) -> Approval {
    let id = ApprovalId(RandomIdGenerator.next());
    let (tool, state) = (tool.to_owned(), ApprovalState::Waiting);
    let question = Question { id, tool, arguments, tasks, expires_at, state, program };
    Approval { question, asked_in, revisions, result: None }
}
