//! Whether people are the same at two instances: asked once after each start and by an operator, answered without any secret. An instance
//! that was restored from an older backup learns so, as a whole, what it has lost (R24).

use super::incoming::{Found, IncomingChange};
use super::late::{ask_for_state, tell_ends};
use crate::domain::envelope::MOST_MESSAGES;
use crate::domain::sync::{MOST_ENDED, compare, is_ended_here, lost_here};
use crate::domain::token::row_id;
use crate::domain::{
    Change, Difference, InstanceName, PersonChange, PersonId, Proof, Seconds, SyncAnswer,
    SyncMessage, Timestamp,
};
use crate::ports::{PeerError, Peers};
use crate::services::Services;
use crate::storage::{Reader, StoreResult, Tx};
use app::model::SyncOutcome;
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;
use strum::IntoStaticStr;

/// Pause between two questions after a start: users come first.
const PAUSE: Duration = Duration::from_millis(200);
/// Pause before a peer that did not answer is asked from the beginning.
const ASK_AGAIN: Duration = Duration::from_mins(1);

/// How old a question may be: later it would tell whoever repeats it whether something was changed since.
const LONGEST_WAY: Seconds = Seconds::minutes(10);

/// Why a person is not known to be the same at a peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum WhyDiffering {
    /// It differs, and changes wait.
    Waiting,
    NoRecord,
    Ambiguous,
    /// This instance has lost changes that the peer knows: it was restored from an older backup.
    LostHere,
    /// The peer has lost changes that this instance knows.
    LostThere,
    Factors,
    Block,
    /// It gave no answer that can be trusted.
    Unanswered,
}

/// Somebody who differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DifferingPerson {
    pub sigla: String,
    pub peer: String,
    pub why: WhyDiffering,
}

/// What came of comparing everybody with one peer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Compared {
    /// How many people were asked about.
    pub asked: usize,
    pub differing: Vec<DifferingPerson>,
}

impl Compared {
    /// How many people differ for one of these reasons.
    pub fn count(&self, reasons: &[WhyDiffering]) -> usize {
        let differing = self.differing.iter();
        differing
            .filter(|person| reasons.contains(&person.why))
            .count()
    }
}

impl Services {
    /// Compares everybody of whom changes are known with each peer, once, as soon as it answers.
    pub(in crate::services) fn start_comparing(self: &Arc<Self>, peers: &Arc<dyn Peers>) {
        for peer in &self.settings.peers {
            let (services, peers, peer) = (self.clone(), peers.clone(), peer.name.clone());
            tokio::spawn(async move {
                loop {
                    match services.compare_with(&peer, &*peers, PAUSE).await {
                        Ok(Some(compared)) => {
                            let asked = compared.asked;
                            let unanswered = compared.count(&[WhyDiffering::Unanswered]);
                            let expected = [WhyDiffering::NoRecord, WhyDiffering::Waiting];
                            let differing =
                                compared.differing.len() - compared.count(&expected) - unanswered;
                            if differing > 0 {
                                tracing::warn!(peer, asked, differing, unanswered, "compared");
                            } else {
                                tracing::info!(peer, asked, differing, unanswered, "compared");
                            }
                            if unanswered == 0 {
                                return;
                            }
                        }
                        Ok(None) => tracing::debug!(peer, "nobody answers a comparison"),
                        Err(error) => tracing::warn!(peer, %error, "people could not be compared"),
                    }
                    tokio::time::sleep(ASK_AGAIN).await;
                }
            });
        }
    }

    /// Compares everybody of whom changes are known with a peer; `None` when it does not answer. Where this instance may have lost changes it
    /// asks by an ordinary change, whose answer tells.
    pub async fn compare_with(
        &self,
        peer: &str,
        peers: &dyn Peers,
        pause: Duration,
    ) -> StoreResult<Option<Compared>> {
        let most = i64::try_from(MOST_MESSAGES).unwrap_or(1);
        let mut compared = Compared::default();
        let mut after = None;
        loop {
            let mut db = self.store.reader().await?;
            let people = db.people_with_changes(after, most).await?;
            let Some(last) = people.last() else {
                break;
            };
            after = Some(*last);
            let waiting = db.people_waiting_for(peer, &people).await?;
            let mut asked = Vec::new();
            for person in people {
                match self.state_of(&mut db, person).await {
                    Ok(state) => {
                        let id = row_id(self.entropy.bytes());
                        asked.push((person, self.message_to(peer, id, state)));
                    }
                    // the others are asked about all the same
                    Err(error) => tracing::error!(%person, %error, "a person cannot be compared"),
                }
            }
            drop(db);
            if !self
                .ask(peer, peers, asked, &waiting, &mut compared)
                .await?
            {
                return Ok(None);
            }
            tokio::time::sleep(pause).await;
        }
        Ok(Some(compared))
    }

    /// False when the peer does not answer.
    async fn ask(
        &self,
        peer: &str,
        peers: &dyn Peers,
        mut people: Vec<(PersonId, SyncMessage)>,
        waiting: &HashSet<PersonId>,
        compared: &mut Compared,
    ) -> StoreResult<bool> {
        while !people.is_empty() {
            let messages: Vec<_> = people.iter().map(|(_, message)| message.clone()).collect();
            let answers = match peers.deliver(peer, &messages).await {
                Ok(answers) => answers,
                Err(PeerError::Unreachable(_)) => return Ok(false),
                Err(PeerError::Transient(error) | PeerError::Untrusted(error)) => {
                    tracing::warn!(peer, error, "a comparison was not answered");
                    return Ok(false);
                }
            };
            // those for whom there was no room are asked about next
            let answered = answers.len().clamp(1, people.len());
            compared.asked += answered;
            let answers = answers.into_iter().map(Some).chain([None]);
            for ((person, message), answer) in people.drain(..answered).zip(answers) {
                let is_waiting = waiting.contains(&person);
                let why = match answer {
                    Some(Ok(answer)) => self.why(peer, person, answer, is_waiting).await?,
                    Some(Err(_)) | None => Some(WhyDiffering::Unanswered),
                };
                compared.differing.extend(why.map(|why| DifferingPerson {
                    sigla: message.change.sigla.as_typed().to_owned(),
                    peer: peer.to_owned(),
                    why,
                }));
            }
        }
        Ok(true)
    }

    async fn why(
        &self,
        peer: &str,
        person: PersonId,
        answer: SyncAnswer,
        is_waiting: bool,
    ) -> StoreResult<Option<WhyDiffering>> {
        Ok(match (answer.outcome, answer.known, answer.differs) {
            (SyncOutcome::NoRecord, ..) => Some(WhyDiffering::NoRecord),
            (SyncOutcome::Ambiguous, ..) => Some(WhyDiffering::Ambiguous),
            (SyncOutcome::Stale, Some(known), _) => {
                let is_lost = self.ask_if_lost(person, peer, known).await?;
                is_lost.then_some(WhyDiffering::LostHere)
            }
            (SyncOutcome::Synchronised, _, None) => None,
            (SyncOutcome::Synchronised, _, Some(differs)) => Some(match differs {
                Difference::Lost => WhyDiffering::LostThere,
                _ if is_waiting => WhyDiffering::Waiting,
                Difference::Factors => WhyDiffering::Factors,
                Difference::Block => WhyDiffering::Block,
            }),
            _ => Some(WhyDiffering::Unanswered),
        })
    }

    /// How an account is here, as it is told to a peer.
    async fn state_of(&self, db: &mut Reader, person: PersonId) -> StoreResult<PersonChange> {
        let (sigla, cpf) = db.login_of(person).await?;
        let here = db.person(person).await?;
        let known = db.known_factors(person).await?;
        let active = known.into_iter().filter(|factor| factor.end.is_none());
        Ok(PersonChange {
            cpf,
            sigla,
            counter: db.revision_counter(person).await?,
            seen: db.seen_of_others(person).await?,
            made_at: self.now(),
            proof: Proof::Operator,
            change: Change::Compared {
                active: active.take(MOST_ENDED).map(|factor| factor.name).collect(),
                is_blocked: here.blocked_at.is_some(),
            },
        })
    }

    /// Answers a comparison of a peer. It only reads, unless one of the two has lost changes, or has something active that has ended here.
    pub(super) async fn answer_comparison(
        &self,
        incoming: Arc<IncomingChange>,
    ) -> StoreResult<SyncAnswer> {
        let (told, now) = (incoming.told(), self.now());
        if told.made_at < now - LONGEST_WAY {
            return Ok(SyncAnswer::of(SyncOutcome::Refused));
        }
        let mut db = self.store.reader().await?;
        let person = match incoming.find(&mut db).await? {
            Found::Person(person) => person,
            Found::Nobody => return Ok(SyncAnswer::of(SyncOutcome::NoRecord)),
            Found::Ambiguous => return Ok(SyncAnswer::of(SyncOutcome::Ambiguous)),
        };
        let here = db.person(person).await?;
        let here = db.account_here(&here, now).await?;
        let own = db.own_instance().clone();
        drop(db);
        let answer = compare(&incoming.issuer, &own, told, &here);
        if let Some(known) = lost_here(&own, told, &here) {
            self.ask_if_lost(person, incoming.issuer.as_str(), known)
                .await?;
        } else if answer.differs == Some(Difference::Factors) && is_ended_here(told, &here) {
            // told by name, as by every revocation
            let input = (person, incoming.issuer.clone(), now);
            self.store
                .write_with(input, |tx, (person, peer, now)| {
                    Box::pin(async move {
                        tx.lock_person(*person).await?;
                        tell_ends(tx, *person, peer, Proof::Operator, *now).await
                    })
                })
                .await?;
        }
        Ok(answer)
    }

    /// A peer has answered this change of this instance, as before a restore: where it is not known here the peer is asked by an ordinary
    /// change.
    async fn ask_if_lost(&self, person: PersonId, peer: &str, known: i64) -> StoreResult<bool> {
        let input = (person, InstanceName::parse(peer).ok(), known, self.now());
        self.store
            .write_with(input, |tx, (person, peer, known, now)| {
                Box::pin(ask_if_lost(tx, *person, peer.as_ref(), *known, *now))
            })
            .await
    }
}

/// Asks the peer by an ordinary change. False when the change is known here by now: it was made and told while the peer was asked.
async fn ask_if_lost(
    tx: &mut Tx,
    person: PersonId,
    peer: Option<&InstanceName>,
    known: i64,
    now: Timestamp,
) -> StoreResult<bool> {
    tx.lock_person(person).await?;
    if known <= tx.revision_counter(person).await? {
        return Ok(false);
    }
    if let Some(peer) = peer {
        ask_for_state(tx, person, peer, now).await?;
    }
    Ok(true)
}
