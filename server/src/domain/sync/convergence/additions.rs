//! Factors that become active because of another instance's change.

use super::{
    AddedFactor, Effect, EndedAs, EndedFactor, FactorState, Incoming, MOST_AUTHENTICATORS,
    ProofHere, Revision, SharedFactor, SyncOutcome, Verdict,
};

impl Incoming<'_> {
    /// A factor for an account without one.
    pub(super) fn activate(
        &self,
        new: &SharedFactor,
        added: AddedFactor,
    ) -> Result<Verdict, SyncOutcome> {
        let here = self.here;
        if here.factor_state == FactorState::Active {
            return Err(SyncOutcome::AlreadyActive);
        }
        if here.factor(&new.factor).is_some() {
            return Err(SyncOutcome::Superseded);
        }
        if added != AddedFactor::ReplacingAll && self.overtaking().is_some() {
            return Err(SyncOutcome::Superseded);
        }
        let is_closed = here.factor_state == FactorState::Revoked && !self.may_reopen();
        if !self.rules.rights.may_activate
            || !self.rules.is_email_accepted
            || here.is_blocked
            || is_closed
            || self.lacks_approval()
        {
            return Err(SyncOutcome::Refused);
        }
        Ok(Verdict::of(
            SyncOutcome::Synchronised,
            vec![Effect::Add(added)],
        ))
    }

    /// What holds for every factor that joins or replaces an active one. Returns the change at the same time that prevails over it.
    fn check_addition(&self, new: &SharedFactor) -> Result<Option<Revision>, SyncOutcome> {
        if let Some(known) = self.here.factor(&new.factor) {
            return Err(if known.end.is_some() {
                SyncOutcome::Superseded
            } else {
                SyncOutcome::Synchronised
            });
        }
        if !self.rules.rights.may_replace {
            return Err(SyncOutcome::Refused);
        }
        match self.proof() {
            ProofHere::Enough => Ok(self.overtaking()),
            ProofHere::Overtaken(other) => Ok(Some(other)),
            ProofHere::NotEnough => Err(SyncOutcome::Refused),
        }
    }

    pub(super) fn add(&self, new: &SharedFactor) -> Result<Verdict, SyncOutcome> {
        if self.here.factor_state == FactorState::None {
            // it has at least the proof of a first enrolment
            return self.activate(new, AddedFactor::First);
        }
        if let Some(other) = self.check_addition(new)? {
            return Ok(self.lost(other));
        }
        let active = self.here.active().count();
        if active >= 2 * MOST_AUTHENTICATORS || !self.is_open() {
            return Err(SyncOutcome::Refused);
        }
        Ok(Verdict::of(
            SyncOutcome::Synchronised,
            vec![Effect::Add(AddedFactor::Another)],
        ))
    }

    pub(super) fn replace(
        &self,
        new: &SharedFactor,
        ended: &[EndedFactor],
        all: bool,
    ) -> Result<Verdict, SyncOutcome> {
        let here = self.here;
        if here.factor_state == FactorState::None {
            return self.activate(new, AddedFactor::First);
        }
        let overtaken_by = self.check_addition(new)?;
        let verdict = if all {
            self.replace_all(ended)
        } else {
            self.replace_some(new, ended, overtaken_by)
        };
        let refused = if all && here.factor_state == FactorState::Revoked {
            self.activate(new, AddedFactor::ReplacingAll).is_err()
        } else {
            !self.is_open()
        };
        if !refused || verdict.answer.outcome != SyncOutcome::Synchronised {
            return Ok(verdict);
        }
        // what ends also ends where nothing may be added, so that the older factor does not stay alone here
        let ends = verdict
            .effects
            .into_iter()
            .filter(|effect| !matches!(effect, Effect::Add(_)))
            .collect();
        Ok(Verdict::of(SyncOutcome::Refused, ends))
    }

    /// Whether a factor with a proof that is enough may become active here. After the last one was revoked only if the issuer had revoked
    /// it, which knew of the new one then.
    fn is_open(&self) -> bool {
        let is_closed = self.here.active().next().is_none()
            && self.here.closed_by.as_ref() != Some(self.issuer);
        !is_closed && !self.here.is_blocked && self.rules.is_email_accepted
    }

    /// In place of every factor of before.
    fn replace_all(&self, ended: &[EndedFactor]) -> Verdict {
        let mut effects = Vec::new();
        for EndedFactor { factor, ended_as } in ended {
            match self.here.factor(factor) {
                None => effects.push(self.note(factor, *ended_as)),
                Some(known) if known.end.is_none() => effects.push(self.end(known, *ended_as)),
                Some(_) => {}
            }
        }
        let rivals: Vec<_> = self.unknown_replacements_of_all().collect();
        let revocation = match self.proof() {
            ProofHere::Overtaken(other) => Some(other),
            _ => self
                .here
                .changes_of_all(|known| known.revoked_all)
                .find(|other| self.is_unknown_to_issuer(other)),
        };
        let winner = rivals.iter().max();
        let winner = winner.filter(|other| **other > self.revision());
        if let Some(other) = revocation.as_ref().or(winner) {
            let mut verdict = self.lost(other.clone());
            verdict.effects.extend(effects);
            return verdict;
        }
        for rival in rivals {
            effects.push(Effect::NoteReplacedAll(rival.instance, 0));
        }
        for factor in self.here.active() {
            effects.push(self.end(factor, EndedAs::Revoked));
        }
        let counter = self.told.counter;
        effects.push(Effect::NoteReplacedAll(self.issuer.clone(), counter));
        effects.push(Effect::Add(AddedFactor::ReplacingAll));
        Verdict::of(SyncOutcome::Synchronised, effects)
    }

    /// In place of the factors that it names.
    fn replace_some(
        &self,
        new: &SharedFactor,
        ended: &[EndedFactor],
        overtaken_by: Option<Revision>,
    ) -> Verdict {
        let mut effects = Vec::new();
        let mut rivals = Vec::new();
        for EndedFactor { factor: name, .. } in ended {
            match self.here.factor(name) {
                None => effects.push(self.note(name, EndedAs::Replaced)),
                Some(factor) => match &factor.end {
                    None => effects.push(self.end(factor, EndedAs::Replaced)),
                    Some((EndedAs::Replaced, other)) if self.is_unknown_to_issuer(other) => {
                        rivals.push(other.clone());
                    }
                    Some(_) => {}
                },
            }
        }
        let winner = rivals
            .iter()
            .max()
            .filter(|other| **other > self.revision());
        let prevailing = overtaken_by.or_else(|| winner.cloned());
        // what it ends and beats has ended everywhere, whatever becomes of its own factor
        for rival in rivals.iter().filter(|other| **other < self.revision()) {
            let beaten = self
                .here
                .factors
                .iter()
                .find(|factor| factor.added() == *rival && factor.name != new.factor);
            if let Some(beaten) = beaten {
                self.end_line(beaten, EndedAs::Superseded, |_| true, &mut effects);
            }
        }
        if let Some(other) = prevailing {
            let mut verdict = self.lost(other);
            verdict.effects.extend(effects);
            return verdict;
        }
        effects.push(Effect::Add(AddedFactor::Another));
        Verdict::of(SyncOutcome::Synchronised, effects)
    }

    /// The factor of this change is not accepted, because of that other change.
    fn lost(&self, other: Revision) -> Verdict {
        let mut effects = Vec::new();
        if let Some(new) = self.told.change.new_factor() {
            effects.push(Effect::Note {
                name: new.factor.clone(),
                ended_as: EndedAs::Superseded,
                revision: other,
            });
        }
        Verdict::of(SyncOutcome::Superseded, effects)
    }
}
