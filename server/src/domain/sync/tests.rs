//! The rule by which instances come to the same result, case by case and for random histories.

mod cases;
mod histories;

use super::*;
use crate::domain::{Email, FactorState, Policy, ProfileKind, RecoveryPolicy};
use app::model::SyncOutcome;

fn name(text: &str) -> InstanceName {
    InstanceName::parse(text).unwrap()
}

fn all_rights() -> PeerRights {
    PeerRights {
        may_activate: true,
        may_replace: true,
        may_revoke: true,
        may_block: true,
        ..PeerRights::default()
    }
}

/// One instance of the model: an account, and the same steps that the use cases take.
#[derive(Clone, Debug)]
struct Side {
    name: InstanceName,
    account: AccountHere,
    counter: i64,
    made: u32,
}

impl Side {
    /// An account with one factor, which was enrolled at JMU and is known everywhere.
    fn new(instance: &str) -> Self {
        let jmu = name("JMU");
        let first = KnownFactor {
            id: "first".to_owned(),
            name: FactorName {
                home: jmu.clone(),
                id: "first".to_owned(),
            },
            added: 1,
            proven_by: None,
            replaced_all: false,
            seen: BTreeMap::new(),
            end: None,
        };
        let seen = InstanceRevisions {
            seen: 1,
            ..InstanceRevisions::default()
        };
        Self {
            name: name(instance),
            counter: 1,
            made: 0,
            account: AccountHere {
                factor_state: FactorState::Active,
                is_blocked: false,
                is_approved: false,
                profiles: vec![ProfileKind::parse("lawyer").unwrap()],
                contacts: 1,
                counter: 1,
                closed_by: None,
                factors: vec![first],
                revisions: BTreeMap::from([(jmu, seen)]),
                password: (0, String::new()),
                email: (0, String::new()),
            },
        }
    }

    fn active(&self) -> Vec<FactorName> {
        let mut active: Vec<_> = self
            .account
            .factors
            .iter()
            .filter(|factor| factor.end.is_none())
            .map(|factor| factor.name.clone())
            .collect();
        active.sort();
        active
    }

    fn begin(&mut self) -> Revision {
        self.counter += 1;
        self.account.counter = self.counter;
        Revision {
            counter: self.counter,
            instance: self.name.clone(),
        }
    }

    fn tell(&self, revision: &Revision, proof: Proof, change: Change) -> PersonChange {
        PersonChange {
            cpf: None,
            sigla: Sigla::parse("ana").unwrap(),
            counter: revision.counter,
            seen: self.seen(),
            made_at: Timestamp(0),
            proof,
            change,
        }
    }

    fn new_factor(&mut self) -> SharedFactor {
        self.made += 1;
        SharedFactor {
            factor: FactorName {
                home: self.name.clone(),
                id: format!("{}{}", self.name, self.made),
            },
            label: String::new(),
            secret: TotpSecret::new([1; 20]),
            last_step: 0,
            email: Email::parse("ana@correio.example").unwrap(),
        }
    }

    fn seen(&self) -> BTreeMap<InstanceName, i64> {
        self.account
            .revisions
            .iter()
            .filter(|(instance, known)| **instance != self.name && known.seen > 0)
            .map(|(instance, known)| (instance.clone(), known.seen))
            .collect()
    }

    fn add_here(
        &mut self,
        new: &SharedFactor,
        revision: &Revision,
        proof: &Proof,
        all: bool,
        seen: BTreeMap<InstanceName, i64>,
    ) {
        self.account.factor_state = FactorState::Active;
        self.account.factors.push(KnownFactor {
            id: new.factor.id.clone(),
            name: new.factor.clone(),
            added: revision.counter,
            proven_by: match proof {
                Proof::OneTimeCode(factor) => Some(factor.clone()),
                _ => None,
            },
            replaced_all: all,
            seen,
            end: None,
        });
    }

    fn end_here(&mut self, factor: &FactorName, ended_as: EndedAs, revision: &Revision) {
        for known in &mut self.account.factors {
            if known.name == *factor && !matches!(known.end, Some((EndedAs::Revoked, _))) {
                known.end = Some((ended_as, revision.clone()));
            }
        }
        if self.active().is_empty() {
            self.account.factor_state = FactorState::Revoked;
            self.account.closed_by = Some(revision.instance.clone());
        }
    }

    fn ended(&self) -> Vec<EndedFactor> {
        self.account
            .factors
            .iter()
            .filter_map(|factor| {
                factor.end.as_ref().map(|(ended_as, _)| EndedFactor {
                    factor: factor.name.clone(),
                    ended_as: *ended_as,
                })
            })
            .collect()
    }

    /// A new authenticator beside the others, or in place of `old`, proven by a code of `by`.
    fn enrol(&mut self, by: &FactorName, old: Option<&FactorName>) -> PersonChange {
        let (revision, new) = (self.begin(), self.new_factor());
        let proof = Proof::OneTimeCode(by.clone());
        let change = match old {
            None => Change::FactorAdded(new.clone()),
            Some(old) => {
                self.end_here(old, EndedAs::Replaced, &revision);
                Change::FactorReplaced {
                    new: new.clone(),
                    ended: vec![EndedFactor {
                        factor: old.clone(),
                        ended_as: EndedAs::Replaced,
                    }],
                    all: false,
                }
            }
        };
        let seen = self.seen();
        self.add_here(&new, &revision, &proof, false, seen);
        self.tell(&revision, proof, change)
    }

    /// A new authenticator in place of all, without the phone.
    fn recover(&mut self, proof: Proof) -> PersonChange {
        let (revision, new) = (self.begin(), self.new_factor());
        for factor in self.active() {
            self.end_here(&factor, EndedAs::Revoked, &revision);
        }
        let own = self.account.revisions.entry(self.name.clone()).or_default();
        own.replaced_all = revision.counter;
        let ended = self.ended();
        let seen = self.seen();
        self.add_here(&new, &revision, &proof, true, seen);
        let change = Change::FactorReplaced {
            new,
            ended,
            all: true,
        };
        self.tell(&revision, proof, change)
    }

    fn revoke(&mut self, factor: &FactorName) -> PersonChange {
        let revision = self.begin();
        self.end_here(factor, EndedAs::Revoked, &revision);
        let change = Change::FactorsRevoked {
            ended: self.ended(),
            all: false,
            stolen: false,
        };
        self.tell(&revision, Self::code(), change)
    }

    fn revoke_all(&mut self) -> PersonChange {
        let revision = self.begin();
        for factor in self.active() {
            self.end_here(&factor, EndedAs::Revoked, &revision);
        }
        let own = self.account.revisions.entry(self.name.clone()).or_default();
        own.revoked_all = revision.counter;
        let change = Change::FactorsRevoked {
            ended: self.ended(),
            all: true,
            stolen: true,
        };
        self.tell(&revision, Self::code(), change)
    }

    /// A recovery code of the owner, who has enrolled the first factor.
    fn code() -> Proof {
        Proof::RecoveryCode {
            of: vec![FactorName {
                home: name("JMU"),
                id: "first".to_owned(),
            }],
        }
    }

    fn receive(&mut self, from: &InstanceName, told: &PersonChange) -> SyncOutcome {
        self.receive_with(from, told, &all_rights())
    }

    fn receive_with(
        &mut self,
        from: &InstanceName,
        told: &PersonChange,
        rights: &PeerRights,
    ) -> SyncOutcome {
        let rules = AssuranceRules {
            rights,
            policy: &Policy::default(),
            recovery: &RecoveryPolicy::default(),
            is_email_accepted: true,
        };
        let Verdict {
            answer,
            is_noted,
            effects,
        } = judge(from, told, &self.account, rules);
        if !is_noted {
            return answer.outcome;
        }
        self.account.revisions.entry(from.clone()).or_default().seen = told.counter;
        self.counter = self.counter.max(told.counter);
        self.account.counter = self.counter;
        let revision = Revision {
            counter: told.counter,
            instance: from.clone(),
        };
        for effect in effects {
            self.carry_out(from, told, &revision, effect);
        }
        answer.outcome
    }

    fn carry_out(
        &mut self,
        from: &InstanceName,
        told: &PersonChange,
        by: &Revision,
        effect: Effect,
    ) {
        match effect {
            Effect::Add(added) => {
                let new = told.change.new_factor().unwrap().clone();
                let all = added == AddedFactor::ReplacingAll;
                self.add_here(&new, by, &told.proof, all, told.seen.clone());
            }
            Effect::End {
                id,
                ended_as,
                revision,
            } => {
                let factor = self.account.factors.iter().find(|factor| factor.id == id);
                let factor = factor.unwrap().name.clone();
                self.end_here(&factor, ended_as, &revision);
            }
            Effect::Note {
                name,
                ended_as,
                revision,
            } => self.account.factors.push(KnownFactor {
                id: name.id.clone(),
                proven_by: match &told.proof {
                    Proof::OneTimeCode(factor) => Some(factor.clone()),
                    _ => None,
                },
                name,
                added: 0,
                replaced_all: false,
                seen: told.seen.clone(),
                end: Some((ended_as, revision)),
            }),
            Effect::NoteRevokedAll { closed_by } => {
                self.account.closed_by = closed_by.or(self.account.closed_by.take());
                let known = self.account.revisions.entry(from.clone()).or_default();
                known.revoked_all = told.counter;
            }
            Effect::NoteReplacedAll(instance, counter) => {
                let known = self.account.revisions.entry(instance).or_default();
                known.replaced_all = counter;
            }
            Effect::Block => {
                self.account.is_blocked = true;
                let known = self.account.revisions.entry(from.clone()).or_default();
                known.blocked = told.counter;
            }
            Effect::LiftBlock => {
                let known = self.account.revisions.entry(from.clone()).or_default();
                known.blocked = 0;
            }
            Effect::Open => self.account.is_blocked = false,
            Effect::DoubtEmail | Effect::SetEmail | Effect::SetPassword | Effect::TellState => {}
        }
    }
}
