//! One step at a time: loads a page or posts a form, and does what the reply says. The address changes only after the answer.

use crate::feedback::{self, Working};
use crate::history::{self, Travel};
use crate::{page, request};
use app::api::sign_in::SetLanguage;
use app::navigation::{AnswerProblem, NavigationReply};
use leptos::prelude::{set_timeout_with_handle, window};
use leptos::server_fn::ServerFn as _;
use std::cell::{Cell, RefCell};
use std::time::Duration;
use wasm_bindgen_futures::spawn_local;
use web_sys::{AbortController, HtmlElement};

/// How long an answer may take. A password may wait ten seconds in the queue for hashing.
const TIME_LIMIT: Duration = Duration::from_secs(30);

/// The request of a step.
#[derive(Clone)]
pub enum Step {
    Page {
        /// Path and query.
        address: String,
    },
    /// A server function with an urlencoded body.
    Form {
        /// Path of the server function.
        action: String,
        body: String,
    },
}

/// What caused a step.
#[derive(Clone, Copy)]
pub enum Cause {
    /// The person pressed a link or button.
    Press,
    /// Back or Forward; the browser has changed the address already.
    Travel(Travel),
    /// A page that waits leads on by itself.
    Program,
}

/// A step with its cause; it is kept so that it can be tried again.
#[derive(Clone)]
pub struct Navigation {
    pub step: Step,
    /// The link or button that was pressed; `None` for other causes.
    pub pressed: Option<HtmlElement>,
    pub cause: Cause,
}

impl Navigation {
    /// A step to the page at `address` for which nothing was pressed.
    pub const fn to_page(address: String, cause: Cause) -> Self {
        Self {
            step: Step::Page { address },
            pressed: None,
            cause,
        }
    }

    fn is_travel(&self) -> bool {
        matches!(self.cause, Cause::Travel(_))
    }

    /// Whether the language button was pressed. The page after it is the same in another language.
    fn changes_language(&self) -> bool {
        matches!(&self.step, Step::Form { action, .. } if action == SetLanguage::PATH)
    }
}

/// The step in progress. Dropping it gives the pressed button its text back.
struct Running {
    id: u32,
    posts: bool,
    cause: Cause,
    abort: AbortController,
    working: Working,
}

thread_local! {
    static RUNNING: RefCell<Option<Running>> = const { RefCell::new(None) };
    static LAST: Cell<u32> = const { Cell::new(0) };
}

/// Starts a step. While a form is in progress no second form is sent, so that a double press acts once. Everything else
/// replaces the step in progress, as in a browser. A page that leads on by itself waits for its next question instead.
pub fn begin(navigation: Navigation) {
    let posts = matches!(navigation.step, Step::Form { .. });
    let program = matches!(navigation.cause, Cause::Program);
    let refused = RUNNING.with_borrow(|running| {
        running
            .as_ref()
            .is_some_and(|running| program || (posts && running.posts))
    });
    if refused {
        return;
    }
    // every supported browser has it (`browserquery` in the root Cargo.toml)
    let Ok(abort) = AbortController::new() else {
        return;
    };
    let (signal, late) = (abort.signal(), abort.clone());
    let id = LAST.get() + 1;
    LAST.set(id);
    if let Some(before) = RUNNING.take() {
        before.abort.abort();
        if let (Cause::Travel(travel), false) = (before.cause, navigation.is_travel()) {
            history::undo(travel);
        }
    }
    feedback::clear_trouble(navigation.pressed.as_ref());
    RUNNING.replace(Some(Running {
        id,
        posts,
        cause: navigation.cause,
        abort,
        working: Working::of(navigation.pressed.as_ref()),
    }));
    let limit = set_timeout_with_handle(move || late.abort(), TIME_LIMIT);
    spawn_local(async move {
        let reply = request::send(&navigation.step, &page::running_document(), &signal).await;
        if let Ok(limit) = limit {
            limit.clear();
        }
        let current =
            RUNNING.with_borrow_mut(|running| running.take_if(|running| running.id == id));
        if let Some(current) = current {
            act(navigation, reply, current.working);
        }
    });
}

/// Cancels a move by Back or Forward, because the person came back to the page that is shown.
pub fn cancel_travel() {
    let cancelled = RUNNING.with_borrow_mut(|running| {
        running.take_if(|running| matches!(running.cause, Cause::Travel(_)))
    });
    if let Some(cancelled) = cancelled {
        cancelled.abort.abort();
    }
}

fn act(navigation: Navigation, reply: Result<NavigationReply, AnswerProblem>, working: Working) {
    match reply {
        Ok(NavigationReply::Show(shown)) => {
            drop(working);
            page::show(*shown, navigation.cause, navigation.changes_language());
        }
        Ok(
            NavigationReply::LoadDocument { address: url } | NavigationReply::LeaveOrigin { url },
        ) => {
            // the button keeps its text until the document replaces it
            working.keep();
            load(&url, navigation.cause);
        }
        Err(problem) => {
            drop(working);
            match navigation.cause {
                // the person pressed nothing: the page asks again by itself and shows no message
                Cause::Program => return,
                Cause::Travel(travel) => history::undo(travel),
                Cause::Press => {}
            }
            feedback::show_trouble(problem, navigation);
        }
    }
}

fn load(url: &str, cause: Cause) {
    let location = window().location();
    // the entry to which Back led becomes the entry of the document
    let _ = match cause {
        Cause::Travel(_) => location.replace(url),
        Cause::Press | Cause::Program => location.assign(url),
    };
}

/// The button below the message of a step that failed. With `as_document` a page is loaded as a document, so that the other
/// party that answered can show its page. A form is sent again within the document, which keeps what was typed; a move that
/// was undone is made again.
pub fn try_again(navigation: Navigation, as_document: bool) {
    match (&navigation.step, navigation.cause) {
        (Step::Page { address }, _) if as_document => load(address, Cause::Press),
        (_, Cause::Travel(travel)) if history::travel_again(travel) => {}
        _ => begin(navigation),
    }
}
