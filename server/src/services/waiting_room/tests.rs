use super::*;
use proptest::prelude::*;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

const BOUNDS: WaitingBounds = WaitingBounds {
    queue: 12,
    network: 8,
};

fn room(at_once: usize) -> Arc<WaitingRoom> {
    WaitingRoom::new(NonZeroUsize::new(at_once).unwrap(), BOUNDS)
}

const fn net(last: u8) -> ClientNetwork {
    ClientNetwork::V4([192, 0, last])
}

type Waiting = Pin<Box<dyn Future<Output = Result<Turn, RoomFull>>>>;

fn enter(room: &Arc<WaitingRoom>, queue: Queue, network: ClientNetwork) -> Waiting {
    let room = room.clone();
    Box::pin(async move { room.enter(queue, network).await })
}

fn poll(waiting: &mut Waiting) -> Poll<Result<Turn, RoomFull>> {
    waiting
        .as_mut()
        .poll(&mut Context::from_waker(Waker::noop()))
}

/// A request that waits.
fn wait(room: &Arc<WaitingRoom>, queue: Queue, network: ClientNetwork) -> Waiting {
    let mut waiting = enter(room, queue, network);
    assert!(
        poll(&mut waiting).is_pending(),
        "{network:?} had a turn at once"
    );
    waiting
}

fn now(room: &Arc<WaitingRoom>, queue: Queue, network: ClientNetwork) -> Result<Turn, RoomFull> {
    match poll(&mut enter(room, queue, network)) {
        Poll::Ready(result) => result,
        Poll::Pending => panic!("it waits"),
    }
}

/// The place of the only request in `all` that has a turn, with its turn.
fn served(all: &mut [Option<Waiting>]) -> (usize, Turn) {
    let mut found = None;
    for (place, slot) in all.iter_mut().enumerate() {
        if let Some(waiting) = slot
            && let Poll::Ready(turn) = poll(waiting)
        {
            *slot = None;
            let turn = turn.unwrap_or_else(|_| panic!("{place} was sent away"));
            assert!(found.replace((place, turn)).is_none(), "two turns at once");
        }
    }
    found.expect("nobody has the turn")
}

#[test]
fn r32_one_network_s_flood_stands_behind_each_other_not_before_others() {
    let room = room(1);
    let turn = now(&room, Queue::Stranger, net(1)).unwrap();
    let mut all: Vec<_> = (0..8)
        .map(|_| Some(wait(&room, Queue::Stranger, net(1))))
        .collect();
    all.push(Some(wait(&room, Queue::Stranger, net(2))));
    drop(turn);
    let (first, turn) = served(&mut all);
    assert_eq!(first, 0);
    drop(turn);
    let (second, turn) = served(&mut all);
    assert_eq!(
        second, 8,
        "the other network is next, before seven of the flood"
    );
    drop(turn);
    assert_eq!(served(&mut all).0, 1, "in their own order again");
}

#[test]
fn r32_known_browsers_get_every_other_turn_of_a_flood() {
    let room = room(1);
    let turn = now(&room, Queue::Stranger, net(1)).unwrap();
    let mut all: Vec<_> = (1..=8)
        .map(|last| Some(wait(&room, Queue::Stranger, net(last))))
        .collect();
    // inside the flooding network
    all.push(Some(wait(&room, Queue::KnownBrowser, net(1))));
    all.push(Some(wait(&room, Queue::KnownBrowser, net(1))));
    drop(turn);
    let mut order = Vec::new();
    for _ in 0..4 {
        let (place, turn) = served(&mut all);
        order.push(place);
        drop(turn);
    }
    assert_eq!(order, [8, 0, 9, 1]);
}

#[test]
fn r32_a_full_room_sends_away_at_once_and_one_network_cannot_fill_it() {
    let room = room(1);
    let _turn = now(&room, Queue::Stranger, net(1)).unwrap();
    let mut all: Vec<_> = (0..8)
        .map(|_| wait(&room, Queue::Stranger, net(1)))
        .collect();
    assert!(now(&room, Queue::Stranger, net(1)).is_err());
    all.extend((2..=5).map(|last| wait(&room, Queue::Stranger, net(last))));
    assert!(now(&room, Queue::Stranger, net(6)).is_err(), "twelve wait");
    // known browsers have places of their own
    let _known = wait(&room, Queue::KnownBrowser, net(1));
}

#[test]
fn r32_who_goes_away_frees_the_place_and_wastes_no_turn() {
    let room = room(1);
    let turn = now(&room, Queue::Stranger, net(1)).unwrap();
    let gone: Vec<_> = (0..8)
        .map(|_| wait(&room, Queue::Stranger, net(1)))
        .collect();
    drop(gone);
    let mut stays = wait(&room, Queue::Stranger, net(1));
    // one who goes away after the turn was handed to it, before it looked
    let unlucky = wait(&room, Queue::Stranger, net(2));
    drop(turn);
    let Poll::Ready(Ok(turn)) = poll(&mut stays) else {
        panic!("eight that went away were served first");
    };
    drop(turn);
    drop(unlucky);
    assert!(
        now(&room, Queue::Stranger, net(3)).is_ok(),
        "the turn was lost"
    );
}

#[derive(Clone, Debug)]
enum Act {
    Enter { known: bool, network: u8 },
    GoAway(usize),
    Finish(usize),
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        3 => (any::<bool>(), 0u8..4).prop_map(|(known, network)| Act::Enter { known, network }),
        1 => (0usize..64).prop_map(Act::GoAway),
        2 => (0usize..64).prop_map(Act::Finish),
    ]
}

proptest! {
    /// Whatever happens in which order: never more turns than there are, and none is lost.
    #[test]
    fn turns_are_neither_lost_nor_made(at_once in 1usize..4, acts in prop::collection::vec(act(), 0..120)) {
        let room = room(at_once);
        let mut waiting: Vec<Waiting> = Vec::new();
        let mut turns: Vec<Turn> = Vec::new();
        for act in acts {
            match act {
                Act::Enter { known, network } => {
                    let queue = if known { Queue::KnownBrowser } else { Queue::Stranger };
                    let mut request = enter(&room, queue, net(network));
                    match poll(&mut request) {
                        Poll::Ready(Ok(turn)) => turns.push(turn),
                        Poll::Ready(Err(RoomFull)) => {}
                        Poll::Pending => waiting.push(request),
                    }
                }
                Act::GoAway(which) if !waiting.is_empty() => drop(waiting.swap_remove(which % waiting.len())),
                Act::Finish(which) if !turns.is_empty() => drop(turns.swap_remove(which % turns.len())),
                Act::GoAway(_) | Act::Finish(_) => {}
            }
            let mut still = Vec::new();
            for mut request in waiting {
                match poll(&mut request) {
                    Poll::Ready(turn) => turns.push(turn.unwrap_or_else(|_| panic!("sent away while waiting"))),
                    Poll::Pending => still.push(request),
                }
            }
            waiting = still;
            prop_assert!(turns.len() <= at_once);
            prop_assert!(waiting.is_empty() || turns.len() == at_once, "somebody waits while a turn is free");
        }
        drop(waiting);
        drop(turns);
        let again: Vec<_> = (0..at_once).map(|_| now(&room, Queue::Stranger, net(9))).collect();
        prop_assert!(again.iter().all(Result::is_ok));
        prop_assert!(poll(&mut enter(&room, Queue::Stranger, net(9))).is_pending());
    }
}
