//! The main part of every page: title, steps, content. Drawn by the server into a
//! document, and by the browser for the pages that it gets as data.

use crate::{page_context::PageContext, text::Texts, view::FormState};
use leptos::prelude::*;

/// A page, drawn: what stands in `<title>` and what stands in `<main>`. The view keeps its type:
/// erasing it would put code into the wasm that never runs.
pub struct DrawnPage<V = AnyView> {
    /// Title of the document, as text.
    pub title: String,
    /// Content of `<main>`.
    pub main: V,
}

impl<V> DrawnPage<V> {
    /// The same page, its view as part of another.
    pub fn map<W>(self, main: impl FnOnce(V) -> W) -> DrawnPage<W> {
        DrawnPage {
            title: self.title,
            main: main(self.main),
        }
    }
}

#[cfg(feature = "ssr")]
impl<V: IntoView + 'static> DrawnPage<V> {
    /// The same page as one type with all others.
    pub fn erased(self) -> DrawnPage {
        DrawnPage {
            title: self.title,
            main: self.main.into_any(),
        }
    }
}

/// What stands around a page's own content. [`PageFrame::around`] ends it.
pub struct PageFrame<'a> {
    page_context: &'a PageContext,
    name: &'a str,
    form: Option<&'a FormState>,
    step: usize,
}

impl<'a> PageFrame<'a> {
    /// A page with this name in its title.
    pub const fn new(page_context: &'a PageContext, name: &'a str) -> Self {
        Self {
            page_context,
            name,
            form: None,
            step: 0,
        }
    }

    /// The form that comes back: the title says when something is wrong. The page itself places the
    /// error summary (`components::problems`).
    #[must_use]
    pub const fn with_form(mut self, form: &'a FormState) -> Self {
        self.form = Some(form);
        self
    }

    /// The page is this step of the enrolment, counted from 1.
    #[must_use]
    pub const fn with_step(mut self, step: usize) -> Self {
        self.step = step;
        self
    }

    /// Puts the frame around the page's content.
    pub fn around<V: IntoView + 'static>(self, content: V) -> DrawnPage<impl IntoView + use<V>> {
        let t = self.page_context.texts();
        let step = (self.step > 0).then(|| steps(t, self.step));
        DrawnPage {
            title: self.title(),
            main: (step, content.into_view()),
        }
    }

    /// State first, then page, then instance.
    fn title(&self) -> String {
        let t = self.page_context.texts();
        let mut parts = Vec::new();
        if self.form.is_some_and(FormState::is_rejected) {
            parts.push(format!("{}: {}", t.error_prefix(), self.name));
        } else {
            parts.push(self.name.to_owned());
        }
        if self.step > 0 {
            let step = self.step.to_string();
            parts.push(self.page_context.fill(t.step_of(), &[("n", &step)]));
        }
        parts.push(self.page_context.label.clone());
        parts.join(" · ")
    }
}

fn steps(t: Texts, now: usize) -> impl IntoView {
    let items = [
        t.step_notice(),
        t.step_app(),
        t.step_mail(),
        t.step_confirm(),
    ]
    .into_iter()
    .enumerate()
    .map(|(at, name)| {
        let at = at + 1;
        let state = match at.cmp(&now) {
            std::cmp::Ordering::Less => "done",
            std::cmp::Ordering::Equal => "now",
            std::cmp::Ordering::Greater => "next",
        };
        view! {
            <li data-state=state aria-current=(at == now).then_some("step")>
                <span class="steps-n">{at.to_string()}</span>
                {" "}<span class="steps-name">{name}</span>
                {(at < now).then(|| view! {
                    <span class="visually-hidden">{format!(" ({})", t.step_done())}</span>
                })}
            </li>
        }
    })
    .collect_view();
    view! { <ol class="steps" aria-label=t.steps_label()>{items}</ol> }
}

/// What a form just did, where the page looks the same as before: focused when it opens.
#[component]
pub fn Done(sentence: String) -> impl IntoView {
    view! {
        <div class="note" data-tone="success" role="status" tabindex="-1" autofocus>
            <p>{sentence}</p>
        </div>
    }
}
