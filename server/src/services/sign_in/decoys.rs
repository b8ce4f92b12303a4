//! The hash against which the password of an unknown login is judged: it costs what a person's would cost (R13).

use crate::domain::PasswordHash;
use crate::domain::password;
use std::sync::{PoisonError, RwLock};

/// One hash of each cost that people have. Whoever types an unknown login gets one by chance, but the same each time, and each as
/// often as people have it. What it hashes does not matter: the verdict is never used.
#[derive(Debug, Default)]
pub struct Decoys(RwLock<Vec<(PasswordHash, u64)>>);

impl Decoys {
    /// Replaces the costs by those that people have now.
    pub fn set(&self, costs: Vec<(PasswordHash, i64)>) {
        let weighed = costs
            .into_iter()
            .map(|(hash, people)| (hash, u64::try_from(people).unwrap_or_default()))
            .collect();
        // a thread that panicked here left a whole list
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = weighed;
    }

    /// The decoy of the login with this keyed index, which is as good as chance. Without people a hash of today's cost.
    pub fn of_login(&self, index: &[u8]) -> PasswordHash {
        let decoys = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let total: u64 = decoys.iter().map(|(_, people)| people).sum();
        let number = index
            .iter()
            .take(8)
            .fold(0, |number: u64, byte| number << 8 | u64::from(*byte));
        let mut rest = number.checked_rem(total).unwrap_or_default();
        for (hash, people) in decoys.iter() {
            if rest < *people {
                return hash.clone();
            }
            rest -= people;
        }
        password::decoy().clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r13_unknown_logins_cost_what_people_cost_in_the_same_proportion() {
        let decoys = Decoys::default();
        assert_eq!(decoys.of_login(&[7; 32]), *password::decoy());
        let cheap = "$2b$04$EGdrhbKUv8Oc9vGiXX0HQOxSg445d458Muh7DAHskb6QbtCvdxcie";
        let cheap = PasswordHash::parse(cheap).unwrap();
        decoys.set(vec![(cheap.clone(), 3), (password::decoy().clone(), 1)]);
        let logins = (0_u8..=255).map(|n| decoys.of_login(&[n; 32]));
        assert_eq!(
            logins.filter(|decoy| *decoy == cheap).count(),
            192,
            "three of four"
        );
        assert_eq!(decoys.of_login(&[9; 32]), decoys.of_login(&[9; 32]));
    }
}
