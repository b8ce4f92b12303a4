//! Random histories of two and three instances: whatever happens at the same time, in whatever order the messages of different makers
//! arrive, all come to the same result.

use super::*;
use proptest::prelude::*;
use std::collections::VecDeque;

/// One step of a history. Numbers choose among what is there.
#[derive(Clone, Debug)]
enum Step {
    Add(usize, usize),
    Replace(usize, usize, usize),
    Recover(usize),
    Revoke(usize, usize),
    RevokeAll(usize),
    /// A theft is told, and its owner enrols again at once.
    Stolen(usize),
    Deliver(usize, usize),
}

fn step() -> impl Strategy<Value = Step> {
    let n = 0..8_usize;
    prop_oneof![
        1 => (n.clone(), n.clone()).prop_map(|(side, by)| Step::Add(side, by)),
        3 => (n.clone(), n.clone(), n.clone())
            .prop_map(|(side, by, old)| Step::Replace(side, by, old)),
        1 => n.clone().prop_map(Step::Recover),
        2 => (n.clone(), n.clone()).prop_map(|(side, which)| Step::Revoke(side, which)),
        1 => n.clone().prop_map(Step::RevokeAll),
        1 => n.clone().prop_map(Step::Stolen),
        6 => (n.clone(), n).prop_map(|(from, to)| Step::Deliver(from, to)),
    ]
}

struct World {
    sides: Vec<Side>,
    /// From, to, and what is on its way, in order.
    ways: Vec<(usize, usize, VecDeque<PersonChange>)>,
}

impl World {
    fn new(names: &[&str]) -> Self {
        let sides: Vec<_> = names.iter().map(|name| Side::new(name)).collect();
        let mut ways = Vec::new();
        for from in 0..sides.len() {
            for to in 0..sides.len() {
                if from != to {
                    ways.push((from, to, VecDeque::new()));
                }
            }
        }
        Self { sides, ways }
    }

    fn run(&mut self, step: &Step) {
        let count = self.sides.len();
        let (side, told) = match *step {
            Step::Deliver(from, to) => return self.deliver((from * 3 + to) % self.ways.len()),
            Step::Add(side, by) => {
                let side = side % count;
                let active = self.sides[side].active();
                if active.is_empty() || active.len() >= 5 {
                    return;
                }
                let by = active[by % active.len()].clone();
                (side, self.sides[side].enrol(&by, None))
            }
            Step::Replace(side, by, old) => {
                let side = side % count;
                let active = self.sides[side].active();
                if active.is_empty() {
                    return;
                }
                let (by, old) = (&active[by % active.len()], &active[old % active.len()]);
                (side, self.sides[side].enrol(by, Some(old)))
            }
            Step::Recover(side) => {
                let side = side % count;
                if self.sides[side].active().is_empty() {
                    return;
                }
                (side, self.sides[side].recover(Side::code()))
            }
            Step::Revoke(side, which) => {
                let side = side % count;
                let active = self.sides[side].active();
                if active.len() < 2 {
                    return;
                }
                let factor = active[which % active.len()].clone();
                (side, self.sides[side].revoke(&factor))
            }
            Step::Stolen(side) => {
                let side = side % count;
                if self.sides[side].active().is_empty() {
                    return;
                }
                let told = self.sides[side].revoke_all();
                self.send(side, &told);
                (side, self.sides[side].recover(Side::code()))
            }
            Step::RevokeAll(side) => {
                let side = side % count;
                if self.sides[side].active().is_empty() {
                    return;
                }
                (side, self.sides[side].revoke_all())
            }
        };
        self.send(side, &told);
    }

    fn send(&mut self, side: usize, told: &PersonChange) {
        for (from, _, queue) in &mut self.ways {
            if *from == side {
                queue.push_back(told.clone());
            }
        }
    }

    fn deliver(&mut self, way: usize) {
        let (from, to, queue) = &mut self.ways[way];
        let (from, to) = (self.sides[*from].name.clone(), &mut self.sides[*to]);
        // it waits for the changes of third instances from which it follows
        let is_early = |told: &mut PersonChange| {
            told.change.new_factor().is_some()
                && told.seen.iter().any(|(instance, seen)| {
                    let known = to.account.revisions.get(instance);
                    *instance != to.name && known.is_none_or(|known| known.seen < *seen)
                })
        };
        let told = queue.pop_front_if(|told| !is_early(told));
        if let Some(told) = told {
            to.receive(&from, &told);
        }
    }

    fn settle(&mut self) {
        while self.ways.iter().any(|(_, _, queue)| !queue.is_empty()) {
            for way in 0..self.ways.len() {
                self.deliver(way);
            }
        }
    }

    /// Names of factors that are revoked at a side.
    fn revoked(side: &Side) -> Vec<FactorName> {
        side.account
            .factors
            .iter()
            .filter(|factor| matches!(factor.end, Some((EndedAs::Revoked, _))))
            .map(|factor| factor.name.clone())
            .collect()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn two_instances_come_to_the_same_result(steps in prop::collection::vec(step(), 1..40)) {
        let mut world = World::new(&["JMU", "STM"]);
        for step in &steps {
            let before = World::revoked(&world.sides[1]);
            world.run(step);
            let after = world.sides[1].active();
            prop_assert!(before.iter().all(|factor| !after.contains(factor)), "revived");
        }
        world.settle();
        prop_assert_eq!(world.sides[0].active(), world.sides[1].active());
    }

    #[test]
    fn a_revoked_factor_is_active_nowhere(steps in prop::collection::vec(step(), 1..40)) {
        let mut world = World::new(&["JMU", "STM", "TJX"]);
        for step in &steps {
            world.run(step);
        }
        world.settle();
        for one in &world.sides {
            for other in &world.sides {
                let revoked = World::revoked(one);
                prop_assert!(other.active().iter().all(|factor| !revoked.contains(factor)));
            }
        }
    }
}
