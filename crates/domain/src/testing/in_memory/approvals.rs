//! Approvals in memory.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use super::{MemoryStore, State, todos::Origin};
use crate::{
    account::{Caller, UserId},
    approval::{
        self, Approval, ApprovalId, ApprovalRefusal, ApprovalState, AskReason, Decision, Question, Verdict,
    },
    command::{TodoCommand, the_one},
    id::{ConversationId, TurnId},
    message::ToolCall,
    ports::{ApprovalStore, IdGenerator, StoreError},
    testing::RandomIdGenerator,
    time_zone::{LocalNow, PersonalTime},
    todo::Todo,
    tool,
    turn::{EndedTurn, Lease},
};

pub(super) struct ApprovalRow {
    user: UserId,
    approval: Approval,
    /// What the person's clock showed in the turn that asked.
    asked_at: PersonalTime,
}

impl ApprovalRow {
    pub(super) fn is_in(&self, user: UserId, id: ConversationId) -> bool {
        self.user == user && self.approval.conversation == id
    }
}

/// What a clock shows where results are read, and the time.
type Moments = (LocalNow, DateTime<Utc>);

impl State {
    /// The JSON of what comes of a command.
    pub(super) fn apply(
        &mut self,
        user: UserId,
        command: &TodoCommand,
        local: LocalNow,
        origin: Origin,
    ) -> Value {
        match self.lists.entry(user).or_default().apply(command, origin) {
            Ok(outcome) => tool::to_json(&outcome, local),
            Err(refusal) => tool::error_to_json(&refusal.into()),
        }
    }

    /// Has a command wait, if it is about a task that is there.
    pub(super) fn ask(
        &mut self,
        (lease, call): (&Lease, &ToolCall),
        command: &TodoCommand,
        why: AskReason,
        (local, now): Moments,
    ) -> Value {
        let list = self.lists.entry(lease.user).or_default();
        let numbers = match command {
            TodoCommand::ChangeTitled(title, _) => the_one(&list.titled(title)).into_iter().collect(),
            command => approval::named_tasks(command),
        };
        let todos: Vec<Todo> = numbers.iter().filter_map(|number| list.find(*number)).cloned().collect();
        let (tasks, revisions) = approval::in_order(&numbers, &todos);
        if tasks.is_empty() && approval::is_about_existing_tasks(command) {
            let origin = Origin::chat(lease.turn, lease.conversation, now);
            return self.apply(lease.user, command, local, origin);
        }
        let question = Question {
            id: ApprovalId(RandomIdGenerator.next()),
            tool: call.name.clone(),
            arguments: call.arguments.clone(),
            tasks,
            expires_at: now + why.lifetime(),
            state: ApprovalState::Waiting,
        };
        let approval = Approval {
            question,
            turn: lease.turn,
            conversation: lease.conversation,
            call_id: call.id.clone(),
            revisions,
            result: None,
        };
        let asking = approval.asking(why);
        let asked_at = self.turns.iter().find(|row| row.lease.turn == lease.turn).map(|row| row.time);
        let asked_at = asked_at.unwrap_or_else(|| PersonalTime::utc(now));
        self.approvals.push(ApprovalRow { user: lease.user, approval, asked_at });
        asking
    }

    /// Answers an approval in a turn, and returns what the model reads of it.
    pub(super) fn decide_in(
        &mut self,
        turn: TurnId,
        id: ApprovalId,
        decision: Decision,
        (local, now): Moments,
    ) -> Value {
        let Some(index) = self.approvals.iter().position(|row| row.approval.question.id == id) else {
            return tool::error_to_json(&approval::gone());
        };
        match self.decide(index, turn, decision, (local, now)) {
            Ok(approval) => approval.result.unwrap_or_default(),
            Err(refusal) => self.approvals[index].approval.refused(refusal),
        }
    }

    fn decide(
        &mut self,
        index: usize,
        made_in: TurnId,
        decision: Decision,
        (local, now): Moments,
    ) -> Result<Approval, ApprovalRefusal> {
        let ApprovalRow { user, approval, asked_at } = &self.approvals[index];
        let (user, approval, asked_at) = (*user, approval.clone(), *asked_at);
        let list = self.lists.entry(user).or_default();
        let revision = |number| list.find(number).map(|todo| todo.revision);
        let (decided, answer) = match approval.verdict(decision, now, revision) {
            Verdict::Repeat => return Ok(approval),
            Verdict::Annul => {
                let why = ApprovalRefusal::Void;
                let result = approval.refused(why);
                (approval.decided(ApprovalState::Void, result), Err(why))
            }
            Verdict::Refuse(why) => return Err(why),
            Verdict::Reject => {
                let result = approval.rejected();
                let decided = approval.decided(ApprovalState::Rejected, result);
                (decided.clone(), Ok(decided))
            }
            Verdict::CarryOut => {
                let result = match approval.command(asked_at) {
                    Ok(command) => {
                        let origin = Origin::chat(made_in, approval.conversation, now);
                        self.apply(user, &command, local, origin)
                    }
                    Err(refusal) => tool::error_to_json(&refusal),
                };
                let decided = approval.decided(ApprovalState::Approved, result);
                (decided.clone(), Ok(decided))
            }
        };
        self.rewrite(&decided, made_in);
        self.approvals[index].approval = decided;
        answer
    }

    /// Rewrites the result of the call that asked.
    fn rewrite(&mut self, approval: &Approval, made_in: TurnId) {
        let Some(row) = self.turns.iter_mut().find(|row| row.lease.turn == approval.turn) else { return };
        let of_steps = row.steps.iter_mut().flat_map(|step| &mut step.results);
        let of_ending = match &mut row.ending {
            Some((EndedTurn::Answered(answer), _)) => Some(&mut answer.tool_calls),
            Some((EndedTurn::Failed(failure), _)) => Some(&mut failure.tool_calls),
            None => None,
        };
        for call in of_steps.chain(of_ending.into_iter().flatten()) {
            if call.id == approval.call_id {
                call.result = approval.record(made_in);
            }
        }
    }

    /// The questions of the turn before this one that wait, when its message is a plain answer.
    pub(super) fn answered(&self, index: usize, now: DateTime<Utc>) -> Option<(Vec<Question>, Decision)> {
        let row = &self.turns[index];
        let decision = approval::plain_answer(&row.said).filter(|_| row.steps.is_empty())?;
        let (user, id) = (row.lease.user, row.lease.conversation);
        let before = self.turns[..index].iter().rfind(|other| other.is_in(user, id))?.lease.turn;
        let asked = self.approvals.iter().filter(|row| row.approval.turn == before);
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
        Ok(theirs.filter(is_waiting).cloned().collect())
    }

    async fn decide(
        &self,
        caller: Caller,
        id: ApprovalId,
        decision: Decision,
        shown: Option<&Map<String, Value>>,
    ) -> Result<Option<Result<Approval, ApprovalRefusal>>, StoreError> {
        let now = self.clock.now();
        let mut state = self.state_for(caller)?;
        let is_it = |row: &ApprovalRow| row.user == caller.user && row.approval.question.id == id;
        let Some(index) = state.approvals.iter().position(is_it) else { return Ok(None) };
        let row = &state.approvals[index];
        if shown.is_some_and(|shown| !approval::are_same(shown, &row.approval.question.arguments)) {
            return Ok(Some(Err(ApprovalRefusal::OtherArguments)));
        }
        let (turn, local) = (row.approval.turn, row.asked_at.local);
        Ok(Some(state.decide(index, turn, decision, (local, now))))
    }
}
