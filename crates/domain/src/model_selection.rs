//! The language models that may answer: one by default, others that a person may choose, and one that
//! takes over when the chosen one is down.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use crate::ports::{LanguageModel, ModelError};

/// The language models that may answer.
#[derive(Clone)]
pub struct Models {
    default: Arc<dyn LanguageModel>,
    others: Vec<Arc<dyn LanguageModel>>,
    fallback: Option<Arc<dyn LanguageModel>>,
}

impl Models {
    /// Makes the choice of one model.
    pub fn new(default: Arc<dyn LanguageModel>) -> Self {
        Self { default, others: Vec::new(), fallback: None }
    }

    /// Lets people choose others as well.
    #[must_use]
    pub fn with_choices(self, others: Vec<Arc<dyn LanguageModel>>) -> Self {
        Self { others, ..self }
    }

    /// Has a model take over when the chosen one is down.
    #[must_use]
    pub fn falling_back_to(self, fallback: Option<Arc<dyn LanguageModel>>) -> Self {
        Self { fallback, ..self }
    }

    /// The model of this name, or the default one: a name may be remembered from a time when there
    /// was such a model.
    pub fn select(&self, name: Option<&str>) -> AnsweringModel {
        let is_chosen = |model: &&Arc<dyn LanguageModel>| Some(model.name()) == name;
        let current = self.others.iter().find(is_chosen).unwrap_or(&self.default);
        let fallback = self.fallback.as_ref().filter(|fallback| fallback.name() != current.name());
        AnsweringModel { current: Arc::clone(current), fallback: fallback.cloned() }
    }
}

/// The model that answers a turn.
pub struct AnsweringModel {
    current: Arc<dyn LanguageModel>,
    fallback: Option<Arc<dyn LanguageModel>>,
}

impl AnsweringModel {
    /// The model that is asked now.
    pub fn current(&self) -> &dyn LanguageModel {
        self.current.as_ref()
    }

    /// Until when it is asked: when another one may have to take over, half of the time is left to
    /// that.
    pub fn deadline(&self, now: Instant, deadline: Instant) -> Instant {
        let left = deadline.saturating_duration_since(now);
        let share = if self.fallback.is_some() { left / 2 } else { left };
        now + share.max(Duration::from_millis(1))
    }

    /// Goes over to the fallback for the rest of the turn, when an error says that the model is down,
    /// or takes less than there is to say, and there is one. Returns whether.
    pub fn fall_back(&mut self, error: &ModelError) -> bool {
        if !error.may_fall_back() {
            return false;
        }
        let Some(fallback) = self.fallback.take() else { return false };
        tracing::warn!(model = self.current.name(), fallback = fallback.name(), cause = %error, "the model cannot answer, another one takes over");
        self.current = fallback;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::ScriptedModel;

    fn named(name: &str) -> Arc<dyn LanguageModel> {
        Arc::new(ScriptedModel::named(name, []))
    }

    #[test]
    fn a_name_that_is_not_offered_stands_for_the_default() {
        let models = Models::new(named("a")).with_choices(vec![named("b")]);
        for (chosen, answers) in [(None, "a"), (Some("a"), "a"), (Some("b"), "b"), (Some("gone"), "a")] {
            assert_eq!(models.select(chosen).current().name(), answers);
        }
    }

    #[test]
    fn another_model_takes_over_once_and_only_in_an_outage() {
        let models = Models::new(named("a")).falling_back_to(Some(named("b")));
        let mut model = models.select(None);
        assert!(!model.fall_back(&ModelError::BadReply("nonsense".into())));
        assert!(model.fall_back(&ModelError::Loading { retry_after: None }));
        assert_eq!(model.current().name(), "b");
        assert!(!model.fall_back(&ModelError::TimedOut));
        let mut itself = Models::new(named("a")).falling_back_to(Some(named("a"))).select(None);
        assert!(!itself.fall_back(&ModelError::TimedOut), "it is no help that it asks itself");
    }

    #[test]
    fn half_of_the_time_is_left_to_the_fallback() {
        let now = Instant::now();
        let deadline = now + Duration::from_secs(50);
        let models = Models::new(named("a")).falling_back_to(Some(named("b")));
        let mut model = models.select(None);
        assert_eq!(model.deadline(now, deadline), now + Duration::from_secs(25));
        model.fall_back(&ModelError::TimedOut);
        assert_eq!(model.deadline(now, deadline), deadline);
    }
}
