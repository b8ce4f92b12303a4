//! Factors that end because of another instance's change.

use super::{
    Effect, EndedAs, EndedFactor, FactorName, Incoming, KnownFactor, Proof, SyncOutcome, Verdict,
};
use std::collections::BTreeSet;

impl Incoming<'_> {
    /// Ends factors by name, or all; what was proven by a revoked one elsewhere at the same time ends with it.
    pub(super) fn revoke(&self, ended: &[EndedFactor], all: bool) -> Verdict {
        let may_revoke = self.rules.rights.may_revoke;
        // what this instance has lost, and did again, the issuer does not know although its revision seems to say so
        let is_lost = |name: &FactorName| match &self.told.proof {
            Proof::ToldAgain { active } => !active.contains(name),
            _ => false,
        };
        // what a peer has carried here it may always take back
        let is_allowed = |name: &FactorName| may_revoke || name.home == *self.issuer;
        let mut effects = Vec::new();
        for EndedFactor {
            factor: name,
            ended_as,
        } in ended
        {
            if !is_allowed(name) {
                continue;
            }
            match self.here.factor(name) {
                None => effects.push(self.note(name, *ended_as)),
                Some(factor) if *ended_as == EndedAs::Revoked => {
                    let unknown = |line: &KnownFactor| {
                        is_allowed(&line.name)
                            && (line.name == *name
                                || is_lost(&line.name)
                                || self.is_unknown_to_issuer(&line.added()))
                    };
                    self.end_line(factor, EndedAs::Revoked, unknown, &mut effects);
                }
                Some(factor) if factor.end.is_none() => effects.push(self.end(factor, *ended_as)),
                Some(_) => {}
            }
        }
        if all {
            self.revoke_all(&is_allowed, &mut effects);
        }
        let ends = |id: &str| {
            effects
                .iter()
                .any(|effect| matches!(effect, Effect::End { id: ended, .. } if ended == id))
        };
        let left_against_it = self.here.active().any(|factor| {
            !ends(&factor.id) && (all || ended.iter().any(|ended| ended.factor == factor.name))
        });
        let outcome = if left_against_it {
            SyncOutcome::Refused
        } else {
            SyncOutcome::Synchronised
        };
        Verdict::of(outcome, effects)
    }

    /// Ends every factor, those that the issuer does not know among them.
    fn revoke_all(&self, is_allowed: &dyn Fn(&FactorName) -> bool, effects: &mut Vec<Effect>) {
        let is_by_the_owner = self.is_by_the_owner();
        // a third instance that knew of this revocation let it be enrolled
        let is_later = |factor: &KnownFactor| {
            let seen = factor.seen.get(self.issuer);
            seen.is_some_and(|seen| *seen >= self.told.counter)
        };
        for factor in self.here.active() {
            let is_its_own = factor.name.home == *self.issuer;
            if is_allowed(&factor.name) && !is_later(factor) && (is_by_the_owner || is_its_own) {
                effects.push(self.end(factor, EndedAs::Revoked));
            }
        }
        if !self.rules.rights.may_revoke || !is_by_the_owner {
            return;
        }
        let others = self.here.changes_of_all(|known| known.revoked_all);
        let newest = others
            .filter(|other| other.instance != *self.issuer)
            .chain([self.revision()])
            .max();
        let closed_by = newest.map(|newest| newest.instance);
        // an account that was closed before stays closed by whoever has closed it
        let was_open = self.here.active().next().is_some();
        effects.push(Effect::NoteRevokedAll {
            closed_by: closed_by.filter(|_| was_open),
        });
        for beaten in self.unknown_replacements_of_all() {
            let mut factors = self.here.factors.iter();
            if !factors.any(|factor| factor.added() == beaten && is_later(factor)) {
                effects.push(Effect::NoteReplacedAll(beaten.instance, 0));
            }
        }
    }

    pub(super) fn end(&self, factor: &KnownFactor, ended_as: EndedAs) -> Effect {
        Effect::End {
            id: factor.id.clone(),
            ended_as,
            revision: self.revision(),
        }
    }

    pub(super) fn note(&self, name: &FactorName, ended_as: EndedAs) -> Effect {
        Effect::Note {
            name: name.clone(),
            ended_as,
            revision: self.revision(),
        }
    }

    /// Ends a factor and what was proven by it, directly or over others, as far as `follows` says. A revoked one stays revoked.
    pub(super) fn end_line(
        &self,
        first: &KnownFactor,
        ended_as: EndedAs,
        follows: impl Fn(&KnownFactor) -> bool,
        effects: &mut Vec<Effect>,
    ) {
        let mut line = BTreeSet::from([&first.name]);
        let mut grown = true;
        while grown {
            let more: Vec<_> = self
                .here
                .factors
                .iter()
                .filter(|factor| {
                    !line.contains(&factor.name)
                        && factor
                            .proven_by
                            .as_ref()
                            .is_some_and(|by| line.contains(by))
                        && follows(factor)
                })
                .map(|factor| &factor.name)
                .collect();
            grown = !more.is_empty();
            line.extend(more);
        }
        for factor in &self.here.factors {
            let is_revoked = matches!(factor.end, Some((EndedAs::Revoked, _)));
            if line.contains(&factor.name) && !is_revoked && follows(factor) {
                effects.push(self.end(factor, ended_as));
            }
        }
    }
}
