//! A queue in which sources take turns: however many wait from one of them, others wait for one of
//! its passwords at most.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use domain::client_network::ClientNetwork;
use tokio::sync::oneshot;

/// How many may work at once, and wait.
#[derive(Debug, Clone, Copy)]
pub(super) struct QueueLimits {
    /// At once.
    pub(super) at_once: usize,
    /// Waiting, of one source.
    pub(super) of_one_source: usize,
    /// Waiting, in all.
    pub(super) waiting: usize,
}

/// The queue.
#[derive(Debug)]
pub(super) struct FairQueue {
    places: QueueLimits,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    working: usize,
    waiting: usize,
    /// The sources of those who wait, the one whose turn is next first.
    turns: VecDeque<ClientNetwork>,
    lines: HashMap<ClientNetwork, VecDeque<oneshot::Sender<Permit>>>,
}

/// The right to work; dropping it is the next one's turn.
#[derive(Debug)]
pub(super) struct Permit(Option<Arc<FairQueue>>);

/// The queue is full.
#[derive(Debug)]
pub(super) struct Full;

impl FairQueue {
    pub(super) fn new(places: QueueLimits) -> Arc<Self> {
        Arc::new(Self { places, state: Mutex::default() })
    }

    /// Waits for the right to work.
    pub(super) async fn enter(self: &Arc<Self>, source: ClientNetwork) -> Result<Permit, Full> {
        let turn = {
            let mut state = self.state();
            if state.working < self.places.at_once {
                state.working += 1;
                return Ok(Permit(Some(Arc::clone(self))));
            }
            state.forget_who_left(source);
            let in_line = state.lines.get(&source).map_or(0, VecDeque::len);
            if in_line >= self.places.of_one_source || state.waiting >= self.places.waiting {
                return Err(Full);
            }
            let (turn, waits) = oneshot::channel();
            if in_line == 0 {
                state.turns.push_back(source);
            }
            state.lines.entry(source).or_default().push_back(turn);
            state.waiting += 1;
            waits
        };
        // The sender is kept until it is this one's turn.
        turn.await.map_err(|_closed| Full)
    }

    /// Passes the right on to the next who still waits.
    fn leave(self: &Arc<Self>) {
        loop {
            let next = {
                let mut state = self.state();
                let next = state.next();
                if next.is_none() {
                    state.working -= 1;
                }
                next
            };
            // Who has given up meanwhile returns the right, which must not be passed on twice.
            match next.map(|next| next.send(Permit(Some(Arc::clone(self))))) {
                Some(Err(mut returned)) => drop(returned.0.take()),
                Some(Ok(())) | None => return,
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// The next who waits: the first of the source whose turn it is, which then comes last.
    fn next(&mut self) -> Option<oneshot::Sender<Permit>> {
        let source = self.turns.pop_front()?;
        let line = self.lines.get_mut(&source)?;
        let next = line.pop_front();
        if line.is_empty() {
            self.lines.remove(&source);
        } else {
            self.turns.push_back(source);
        }
        self.waiting -= usize::from(next.is_some());
        next
    }

    /// Drops those of a source who wait no longer.
    fn forget_who_left(&mut self, source: ClientNetwork) {
        let Some(line) = self.lines.get_mut(&source) else { return };
        let before = line.len();
        line.retain(|turn| !turn.is_closed());
        self.waiting -= before - line.len();
        if line.is_empty() {
            self.lines.remove(&source);
            self.turns.retain(|turn| *turn != source);
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        if let Some(queue) = self.0.take() {
            queue.leave();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn source(number: u8) -> ClientNetwork {
        ClientNetwork(number.into())
    }

    fn places() -> QueueLimits {
        QueueLimits { at_once: 1, of_one_source: 3, waiting: 6 }
    }

    /// Lets those who were woken run.
    async fn settle() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }

    #[tokio::test]
    async fn sources_take_turns_and_each_waits_in_order() {
        let queue = FairQueue::new(places());
        let first = queue.enter(source(1)).await.unwrap();
        let order = Arc::new(Mutex::new(Vec::new()));
        let mut waiting = Vec::new();
        for (name, number) in [("a1", 1), ("a2", 1), ("a3", 1), ("b1", 2), ("c1", 3)] {
            let (queue, order) = (queue.clone(), order.clone());
            waiting.push(tokio::spawn(async move {
                let _permit = queue.enter(source(number)).await.unwrap();
                order.lock().unwrap().push(name);
            }));
            settle().await;
        }
        assert!(queue.enter(source(1)).await.is_err(), "three of one source wait");
        drop(first);
        for one in waiting {
            one.await.unwrap();
        }
        assert_eq!(*order.lock().unwrap(), ["a1", "b1", "c1", "a2", "a3"]);
        assert!(queue.enter(source(9)).await.is_ok(), "nothing is left taken");
    }

    #[tokio::test]
    async fn the_queue_is_full_some_time() {
        let queue = FairQueue::new(places());
        let _first = queue.enter(source(1)).await.unwrap();
        let mut waiting: Vec<_> = (0..6)
            .map(|number| {
                let queue = queue.clone();
                tokio::spawn(async move { queue.enter(source(number)).await.is_ok() })
            })
            .collect();
        settle().await;
        assert!(queue.enter(source(9)).await.is_err());
        waiting.remove(0).abort();
        settle().await;
        assert!(queue.enter(source(9)).await.is_err(), "who left is noticed when their source comes again");
    }

    #[tokio::test]
    async fn an_abandoned_wait_takes_no_permit() {
        let queue = FairQueue::new(places());
        let first = queue.enter(source(1)).await.unwrap();
        for _ in 0..20 {
            let entering = queue.enter(source(2));
            drop(tokio::time::timeout(Duration::from_millis(1), entering).await);
        }
        let next = tokio::spawn({
            let queue = queue.clone();
            async move { queue.enter(source(3)).await.is_ok() }
        });
        settle().await;
        drop(first);
        assert!(next.await.unwrap());
        settle().await;
        let state = queue.state();
        assert_eq!((state.working, state.waiting), (0, 0), "{state:?}");
    }
}
