//! The waiting room of a scarce service: bounded, and fair between client networks (R32). Whoever comes while it is full is
//! sent away at once, before anything is counted or computed.

use crate::domain::ClientNetwork;
use std::collections::{HashMap, VecDeque};
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::oneshot;

/// The queue in which a request waits. The two are served in turns, so that strangers cannot stand before the owners.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Queue {
    /// From a browser that is known for the person.
    KnownBrowser,
    Stranger,
}

/// The room is full for this request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RoomFull;

/// How many may wait.
#[derive(Clone, Copy, Debug)]
pub struct WaitingBounds {
    /// In each queue.
    pub queue: usize,
    /// Of one network in each queue; those of no known network are bounded by the queue alone.
    pub network: usize,
}

/// Gives out turns, at most a fixed number at a time.
pub struct WaitingRoom {
    bounds: WaitingBounds,
    state: Mutex<State>,
}

/// The right to be served. The next one in the room gets it when it is dropped.
pub struct Turn {
    /// `None` once it was handed on.
    room: Option<Arc<WaitingRoom>>,
}

#[derive(Default)]
struct State {
    free: usize,
    known: FairQueue,
    strangers: FairQueue,
    /// Whether the next turn goes to a stranger when both queues have somebody.
    strangers_next: bool,
}

/// Requests of one queue. Networks take turns, each with its own requests in their order.
#[derive(Default)]
struct FairQueue {
    /// The networks with requests, in the order of their turns.
    order: VecDeque<ClientNetwork>,
    waiting: HashMap<ClientNetwork, VecDeque<oneshot::Sender<Turn>>>,
    length: usize,
}

impl FairQueue {
    /// Forgets requests whose client went away.
    fn purge(&mut self) {
        self.waiting.retain(|_, requests| {
            requests.retain(|request| !request.is_closed());
            !requests.is_empty()
        });
        self.order
            .retain(|network| self.waiting.contains_key(network));
        self.length = self.waiting.values().map(VecDeque::len).sum();
    }

    fn has_place(&self, network: ClientNetwork, bounds: WaitingBounds) -> bool {
        let own = self.waiting.get(&network).map_or(0, VecDeque::len);
        // behind a proxy that is not known all clients are one network, and must not share the places of one
        let is_one = network != ClientNetwork::Unknown;
        self.length < bounds.queue && !(is_one && own >= bounds.network)
    }

    fn push(&mut self, network: ClientNetwork, request: oneshot::Sender<Turn>) {
        let requests = self.waiting.entry(network).or_default();
        if requests.is_empty() {
            self.order.push_back(network);
        }
        requests.push_back(request);
        self.length += 1;
    }

    fn pop(&mut self) -> Option<oneshot::Sender<Turn>> {
        let network = self.order.pop_front()?;
        let requests = self.waiting.get_mut(&network)?;
        let request = requests.pop_front()?;
        if requests.is_empty() {
            self.waiting.remove(&network);
        } else {
            self.order.push_back(network);
        }
        self.length -= 1;
        Some(request)
    }
}

impl State {
    fn queue_mut(&mut self, queue: Queue) -> &mut FairQueue {
        match queue {
            Queue::KnownBrowser => &mut self.known,
            Queue::Stranger => &mut self.strangers,
        }
    }

    fn next(&mut self) -> Option<oneshot::Sender<Turn>> {
        self.strangers_next = !self.strangers_next;
        if self.strangers_next {
            self.known.pop().or_else(|| self.strangers.pop())
        } else {
            self.strangers.pop().or_else(|| self.known.pop())
        }
    }
}

impl WaitingRoom {
    /// A room that serves at most `at_once` requests at a time.
    pub fn new(at_once: NonZeroUsize, bounds: WaitingBounds) -> Arc<Self> {
        let state = State {
            free: at_once.get(),
            ..State::default()
        };
        let state = Mutex::new(state);
        Arc::new(Self { bounds, state })
    }

    /// Waits for a turn. A caller who stops waiting leaves the room.
    pub async fn enter(
        self: &Arc<Self>,
        queue: Queue,
        network: ClientNetwork,
    ) -> Result<Turn, RoomFull> {
        let waiting = {
            let mut state = self.lock_state();
            if state.free > 0 {
                // nobody waits while a turn is free
                state.free -= 1;
                return Ok(self.new_turn());
            }
            let queue = state.queue_mut(queue);
            if !queue.has_place(network, self.bounds) {
                queue.purge();
            }
            if !queue.has_place(network, self.bounds) {
                return Err(RoomFull);
            }
            let (request, waiting) = oneshot::channel();
            queue.push(network, request);
            waiting
        };
        // the sender is dropped only with the room, which this reference keeps
        waiting.await.map_err(|_| RoomFull)
    }

    fn new_turn(self: &Arc<Self>) -> Turn {
        Turn {
            room: Some(self.clone()),
        }
    }

    fn hand_on(self: &Arc<Self>) {
        loop {
            let mut state = self.lock_state();
            let Some(request) = state.next() else {
                state.free += 1;
                return;
            };
            drop(state);
            // outside the lock: a turn that is not taken is dropped, which locks again
            match request.send(self.new_turn()) {
                Ok(()) => return,
                // its client went away; this turn is still ours
                Err(mut turn) => turn.room = None,
            }
        }
    }

    fn lock_state(&self) -> MutexGuard<'_, State> {
        // nothing that holds the lock can panic half-way
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if let Some(room) = self.room.take() {
            room.hand_on();
        }
    }
}

#[cfg(test)]
mod tests;
