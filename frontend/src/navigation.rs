//! One step after another: asks for a page or posts a form, and does what the reply says. The
//! address changes only after the answer.

use crate::{
    feedback::{self, Working},
    history::{self, Travel},
    page, request,
};
use app::navigation::{AnswerProblem, NavigationReply};
use leptos::prelude::{set_timeout_with_handle, window};
use std::{
    cell::{Cell, RefCell},
    time::Duration,
};
use wasm_bindgen_futures::spawn_local;
use web_sys::{AbortController, HtmlElement};

/// How long an answer may take. A password waits up to ten seconds for its turn.
const TIME_LIMIT: Duration = Duration::from_secs(30);

/// What is asked of the server.
#[derive(Clone)]
pub enum Step {
    /// A page, by path and query.
    Page {
        /// Path and query.
        address: String,
    },
    /// A server function, with an urlencoded body.
    Form {
        /// Path of the server function.
        action: String,
        /// The fields.
        body: String,
    },
}

/// Why it is asked.
#[derive(Clone, Copy)]
pub enum Cause {
    /// Somebody pressed a link or button.
    Press,
    /// Back or Forward: the browser has changed the address already.
    Travel(Travel),
    /// A page that waits goes on by itself, or a kept page comes back.
    Program,
}

/// A step with its circumstances; kept to be tried again.
#[derive(Clone)]
pub struct Navigation {
    /// What is asked.
    pub step: Step,
    /// What was pressed.
    pub pressed: Option<HtmlElement>,
    /// Why.
    pub cause: Cause,
}

/// The step under way.
struct Running {
    id: u32,
    posts: bool,
    abort: AbortController,
}

thread_local! {
    static RUNNING: RefCell<Option<Running>> = const { RefCell::new(None) };
    static LAST: Cell<u32> = const { Cell::new(0) };
}

/// Begins a step. A form while another form is under way is not sent: a second press does nothing
/// twice. Anything else takes the place of what is under way, as it would in a browser; a page
/// that goes on by itself waits for its next question.
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
    let signal = abort.signal();
    let id = LAST.get() + 1;
    LAST.set(id);
    let before = RUNNING.replace(Some(Running { id, posts, abort }));
    if let Some(before) = before {
        before.abort.abort();
    }
    feedback::clear_trouble();
    let working = Working::of(navigation.pressed.as_ref());
    let limit = set_timeout_with_handle(move || abort_if_current(id), TIME_LIMIT);
    spawn_local(async move {
        let reply = request::send(&navigation.step, &page::running_document(), &signal).await;
        if let Ok(limit) = limit {
            limit.clear();
        }
        let current = RUNNING
            .with_borrow_mut(|running| running.take_if(|running| running.id == id).is_some());
        if current {
            act(navigation, reply, working);
        }
    });
}

fn abort_if_current(id: u32) {
    RUNNING.with_borrow(|running| {
        if let Some(running) = running.as_ref().filter(|running| running.id == id) {
            running.abort.abort();
        }
    });
}

fn act(navigation: Navigation, reply: Result<NavigationReply, AnswerProblem>, working: Working) {
    match reply {
        Ok(NavigationReply::Show(shown)) => {
            drop(working);
            page::show(*shown, navigation.cause);
        }
        Ok(NavigationReply::LoadDocument { address }) => {
            // what was pressed goes on saying that it works until the document is there
            working.keep();
            load(&address, navigation.cause);
        }
        Ok(NavigationReply::LeaveOrigin { url }) => {
            working.keep();
            load(&url, navigation.cause);
        }
        Err(problem) => {
            drop(working);
            if let Cause::Travel(travel) = navigation.cause {
                history::undo(travel);
            }
            feedback::show_trouble(problem, navigation);
        }
    }
}

fn load(url: &str, cause: Cause) {
    let location = window().location();
    // the entry that Back led to is that of the document
    let _ = match cause {
        Cause::Travel(_) => location.replace(url),
        Cause::Press | Cause::Program => location.assign(url),
    };
}

/// Asks for a page as a document, which shows whatever comes. A form is sent again within the
/// document, where what was typed is kept.
pub fn try_as_document(navigation: Navigation) {
    match &navigation.step {
        Step::Page { address } => load(address, navigation.cause),
        Step::Form { .. } => begin(navigation),
    }
}
